// The figures about memory: each in a fresh process, over what the empty process has.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Footprint } from "../probes/drop.ts";
import { joinPackages } from "../probes/packages.ts";
import type { MemoryUse } from "../probes/resident.ts";
import type { Host } from "../scenario/host.ts";
import { plaintext, sameBytes } from "../scenario/protocol.ts";
import { ChildProcess } from "../workers/process.ts";
import type { Figure } from "./figure.ts";

const MB = 1e6;
/** What allocators and compilers may still take after the first hundred. */
const FLAT = 1.05;
/** V8's young generation at its full size from the start: its growth, a step of 30 MB at some moment, is no leak. */
const YOUNG_GENERATION = ["--min-semi-space-size=16", "--max-semi-space-size=16"];

/** Where the probes are. */
export interface Probes {
  readonly directory: string;
  readonly engine: string;
}

async function withResident<T>(
  { directory, engine }: Probes,
  work: (probe: ChildProcess, file: (name: string, content: Uint8Array) => string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "grove-bench-"));
  const args = ["--expose-gc", `${directory}/probes/resident.mjs`, engine];
  const probe = new ChildProcess({ file: process.execPath, args });
  try {
    return await work(probe, (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    });
  } finally {
    probe.end();
    rmSync(folder, { recursive: true });
  }
}

/** The memory that adding all others in one commit takes at its highest. */
export async function addingFigure(host: Host, members: number, probes: Probes): Promise<Figure> {
  const packages = host.extras(members - 1).map(({ keyPackage }) => keyPackage);
  return withResident(probes, async (probe, file) => {
    const count = await probe.call("addMany", { file: file("packages", joinPackages(packages)) });
    if (count !== members) throw new Error(`${String(count)} members instead of ${members}`);
    const { peak } = (await probe.call("memory", {})) as MemoryUse;
    const subject = `a add-many, n = ${members.toLocaleString("en")}, peak memory`;
    return { subject, rule: "200 MB over the empty process", limit: 200, measured: peak / MB, unit: "MB" };
  });
}

/** The memory of a member that has joined, processed a commit and sent a message. */
export async function residentFigure(host: Host, members: number, saved: Uint8Array, probes: Probes): Promise<Figure> {
  return withResident(probes, async (probe, file) => {
    const keyPackage = (await probe.call("keyPackage", {})) as Uint8Array;
    const group = host.goOn(saved);
    const added = group.commit({ add: [keyPackage], path: false });
    const agreed = (await probe.call("join", { file: file("welcome", added.welcome!) })) as Uint8Array;
    if (!sameBytes(agreed, added.exported)) throw new Error("the secrets of the epoch differ");
    const { commit, exported } = group.commit();
    const next = (await probe.call("process", { commit })) as Uint8Array;
    if (!sameBytes(next, exported)) throw new Error("the secrets of the epoch differ");
    const data = plaintext(0, 100);
    const received = group.group.receive((await probe.call("encrypt", { data })) as Uint8Array);
    if (received.kind !== "application" || !sameBytes(received.data, data))
      throw new Error("a message reads differently");
    group.close();
    const { resident } = (await probe.call("memory", {})) as MemoryUse;
    const subject = `a live member, n = ${members.toLocaleString("en")}, resident memory`;
    return { subject, rule: "200 MB over the empty process", limit: 200, measured: resident / MB, unit: "MB" };
  });
}

/** Memory after all groups against memory after a hundred of them. */
export function dropFigures({ directory, engine }: Probes, count: number): Figure[] {
  const args = [...YOUNG_GENERATION, "--expose-gc", `${directory}/probes/drop.mjs`, engine, "1000", String(count)];
  const printed = execFileSync(process.execPath, args, { encoding: "utf8" });
  const { early, late } = JSON.parse(printed) as { early: Footprint; late: Footprint };
  const subject = `${count.toLocaleString("en")} groups of 1,000 made and dropped`;
  const rule = "as after 100 of them";
  return [
    {
      subject,
      rule: `resident memory ${rule}, + 5 %`,
      limit: FLAT,
      measured: late.resident / early.resident,
      unit: "x",
    },
    { subject, rule: `memory in use in the core ${rule}`, limit: 1, measured: late.core / early.core, unit: "x" },
    { subject, rule: `handles of the core ${rule}`, limit: early.handles, measured: late.handles, unit: "handles" },
  ];
}
