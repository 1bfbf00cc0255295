// A fresh process makes its first group: `node start.mjs dist/index.js` prints the milliseconds that loading
// the engine and founding the group took; Node's own start comes before.
import type { GroveModule } from "../scenario/module.ts";
import { clock } from "../workers/clock.ts";

const start = clock();
const { acceptAnyCredential, basicCredential, Client } = (await import(process.argv[2]!)) as GroveModule;
const client = Client.create({ credential: basicCredential("first"), authenticate: acceptAnyCredential });
const group = client.createGroup();
const end = clock();
if (group.memberCount !== 1) throw new Error("a new group has one member");
console.log(JSON.stringify({ group: end - start }));
