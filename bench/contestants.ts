// Brings up everyone who takes part, and says who cannot.
import type { Options } from "./options.ts";
import type { Contestant } from "./scenario/contest.ts";
import { buildForNode, buildForPages, root } from "./workers/build.ts";
import { groveInPage, PageParty } from "./workers/chromium.ts";
import { CLOCK } from "./workers/clock.ts";
import { FloorMeter } from "./workers/floormeter.ts";
import { ProcessParty } from "./workers/party.ts";
import type { Command } from "./workers/process.ts";

/** The published module, which is what is measured. */
export const engine = `${root}dist/index.js`;

/** The messages of a page are too large for more members. */
const LARGEST_IN_PAGE = 10_000;

export interface Contestants {
  readonly contestants: readonly Contestant[];
  readonly floor: FloorMeter;
  /** Where the bundled programs are. */
  readonly programs: string;
  /** Who does not take part, and why. */
  readonly absent: readonly string[];
  readonly end: () => Promise<void>;
}

export async function bringUp(options: Options, version: string): Promise<Contestants> {
  const programs = await buildForNode([
    "workers/grove",
    "workers/floor",
    "probes/start",
    "probes/resident",
    "probes/drop",
  ]);
  const node = (script: string, ...args: string[]): Command => ({
    file: process.execPath,
    args: [`${programs}/${script}.mjs`, ...args],
  });
  if (options.cpu) process.env[CLOCK] = "processor";
  const contestants: Contestant[] = [];
  const absent: string[] = [];
  const floor = new FloorMeter(node("workers/floor"));
  const ends: (() => void | Promise<void>)[] = [() => floor.end()];
  const join = async (party: ProcessParty | PageParty, largest = Infinity): Promise<void> => {
    ends.push(() => party.end());
    contestants.push({ party, description: await party.ask("hello", {}), largest });
  };

  if (options.implementations.includes("grove")) {
    await join(new ProcessParty(node("workers/grove", engine, version)));
    await buildForPages(["browser/page"]);
    const inPage = options.cpu ? undefined : await PageParty.open(root, groveInPage(version));
    if (options.cpu) absent.push("grove in a browser: a page cannot tell processor time");
    else if (inPage === undefined)
      absent.push("grove in a browser: no Chromium is installed (CHROMIUM_PATH may name one)");
    else await join(inPage, LARGEST_IN_PAGE);
  }
  const end = async (): Promise<void> => {
    for (const each of ends) await each();
  };
  return { contestants, floor, programs, absent, end };
}
