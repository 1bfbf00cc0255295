// In a page: Grove answers the harness's calls.
import { Answering } from "../implementations/answer.ts";
import { Grove } from "../implementations/grove.ts";
import type { GroveModule } from "../scenario/module.ts";
import { answerLines } from "./lines.ts";

globalThis.startImplementation = async (module, version, runtime) => {
  const grove = (await import(module)) as GroveModule;
  answerLines(new Answering(new Grove(grove, version, runtime)));
};
