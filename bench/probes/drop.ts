// Groups are made and dropped: `node --expose-gc drop.mjs dist/index.js MEMBERS COUNT`. Prints what memory
// there is after a hundred of them and after all. Of ten groups, nine are restored, one is joined; every
// hundredth is founded and filled with members.
import type { Group } from "../../bindings/index.ts";
import type { GroveModule } from "../scenario/module.ts";
import { settle } from "./settle.ts";

/** Memory at one moment, in bytes; and handles of the core that are open. */
export interface Footprint {
  readonly resident: number;
  readonly core: number;
  readonly handles: number;
}

const [, , module, members, count] = process.argv;
const grove = (await import(module!)) as GroveModule;
const engine = new grove.Engine();
const storageKey = new Uint8Array(32).fill(3);

const client = (name: string) =>
  grove.Client.create({
    credential: grove.basicCredential(name),
    authenticate: grove.acceptAnyCredential,
    storageKey,
    engine,
  });

const creator = client("creator");
const keyPackages = Array.from({ length: Number(members) - 2 }, (_, i) => {
  const extra = client(`extra-${i}`);
  const keyPackage = extra.keyPackage();
  extra.close();
  return keyPackage;
});
const joiner = client("joiner");
const add = [...keyPackages, joiner.keyPackage({ lastResort: true })];

const [welcome, snapshot] = ((): [Uint8Array, Uint8Array] => {
  const group = creator.createGroup("dropped");
  const pending = group.commit({ add, path: false });
  pending.accept();
  const saved = group.save();
  group.close();
  return [pending.welcomes[0]!, saved];
})();

function make(index: number): Group {
  if (index % 100 === 50) {
    const group = creator.createGroup(`founded-${index}`);
    group.commit({ add, path: false }).accept();
    return group;
  }
  return index % 10 === 5 ? joiner.join(welcome).accept() : creator.restoreGroup(snapshot);
}

async function footprint(): Promise<Footprint> {
  await settle();
  const { core } = engine;
  return { resident: process.memoryUsage.rss(), core: core.memoryInUse(), handles: core.handlesInUse() };
}

/** By then compilers have seen everything. */
const EARLY = 100;
const total = Number(count);
let early: Footprint | undefined;
for (let index = 0; index < total; index++) {
  const group = make(index);
  if (group.memberCount !== Number(members)) throw new Error(`${group.memberCount} members`);
  group.close();
  if (index + 1 === EARLY) early = await footprint();
}
console.log(JSON.stringify({ early, late: await footprint() }));
