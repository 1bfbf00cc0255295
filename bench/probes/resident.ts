// Memory of one member in a process of its own: `node --expose-gc resident.mjs dist/index.js`. What is large
// comes in files, so that the harness's messages do not stand in the way.
import { readFileSync } from "node:fs";
import type { Client, Group } from "../../bindings/index.ts";
import type { GroveModule } from "../scenario/module.ts";
import { factsOf } from "../scenario/hosted.ts";
import { serve } from "../workers/serve.ts";
import { splitPackages } from "./packages.ts";
import { settle } from "./settle.ts";

/** What `memory` answers, in bytes. */
export interface MemoryUse {
  /** Resident memory over that of the empty process, now. */
  readonly resident: number;
  /** The same at its highest. */
  readonly peak: number;
}

await settle();
const empty = process.memoryUsage.rss();
const grove = (await import(process.argv[2]!)) as GroveModule;

let client: Client | undefined;
let group: Group | undefined;

function newClient(): Client {
  const { acceptAnyCredential, basicCredential, Client } = grove;
  return Client.create({ credential: basicCredential("resident"), authenticate: acceptAnyCredential });
}

function open(): Group {
  if (group === undefined) throw new Error("in no group yet");
  return group;
}

/** The most that was ever resident. On Linux `maxRSS` begins with what the parent had, so the kernel is asked. */
function highest(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

const calls: Record<string, (request: never) => unknown> = {
  keyPackage: () => (client = newClient()).keyPackage(),
  join: ({ file }: { file: string }) => {
    if (client === undefined) throw new Error("no key package is out");
    group = client.join(readFileSync(file)).accept();
    return factsOf(group).exported;
  },
  process: ({ commit }: { commit: Uint8Array }) => {
    const received = open().receive(commit);
    if (received.kind !== "commit") throw new Error(`a commit was taken for ${received.kind}`);
    received.commit.accept();
    return factsOf(open()).exported;
  },
  addMany: ({ file }: { file: string }) => {
    const founded = newClient().createGroup();
    const pending = founded.commit({ add: splitPackages(readFileSync(file)), path: false });
    pending.accept();
    group = founded;
    return founded.memberCount;
  },
  encrypt: ({ data }: { data: Uint8Array }) => open().encrypt(data),
  memory: async (): Promise<MemoryUse> => {
    await settle();
    return { resident: process.memoryUsage.rss() - empty, peak: highest() - empty };
  },
};

await serve((call, request) => {
  const answer = calls[call];
  if (answer === undefined) return Promise.reject(new Error(`no call ${call}`));
  return Promise.resolve(answer(request as never));
});
