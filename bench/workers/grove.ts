// The process in which Grove is measured: `node grove.mjs dist/index.js VERSION`.
import { Answering } from "../implementations/answer.ts";
import { Grove } from "../implementations/grove.ts";
import type { GroveModule } from "../scenario/module.ts";
import type { CallName, Request } from "../scenario/protocol.ts";
import { clock } from "./clock.ts";
import { serve } from "./serve.ts";

const [, , module = "", version = ""] = process.argv;
const grove = (await import(module)) as GroveModule;
const party = new Answering(new Grove(grove, version, `Node ${process.versions.node}`), clock);
await serve((call, request) => party.ask(call as CallName, request as Request<CallName>));
