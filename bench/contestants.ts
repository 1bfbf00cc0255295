// Brings up everyone who takes part, and says who cannot.
import type { ImplementationName, Options } from "./options.ts";
import type { Contestant } from "./scenario/contest.ts";
import type { Party } from "./scenario/protocol.ts";
import { buildForNode, buildForPages, programs, root } from "./workers/build.ts";
import { groveInPage, PageParty } from "./workers/chromium.ts";
import { CLOCK } from "./workers/clock.ts";
import { FloorMeter } from "./workers/floormeter.ts";
import { ProcessParty } from "./workers/party.ts";
import type { Command } from "./workers/process.ts";
import { coreCryptoInPage, nativeRival, nodeRival } from "./workers/rivals.ts";

/** The published module, which is what is measured. */
export const engine = `${root}dist/index.js`;

/** The messages of a page are too large for more members. */
const LARGEST_IN_PAGE = 10_000;

interface Endable extends Party {
  end(): void | Promise<void>;
}

/** Those who take part. */
export class Contestants {
  readonly all: Contestant[] = [];
  /** Who does not, and why. */
  readonly absent: string[] = [];
  readonly floor: FloorMeter = new FloorMeter(program("workers/floor"));
  readonly #ends: Endable[] = [];

  static async bringUp(options: Options, version: string): Promise<Contestants> {
    if (options.cpu) process.env[CLOCK] = "processor";
    const here = new Contestants();
    try {
      await buildForNode(["workers/grove", "workers/floor", "probes/start", "probes/resident", "probes/drop"]);
      here.absent.push("mlspp: it is on no package registry");
      for (const name of options.implementations) {
        if (name === "grove") await here.#bringGrove(options, version);
        else await here.#bringRival(name, options);
      }
    } catch (error) {
      await here.end();
      throw error;
    }
    return here;
  }

  async end(): Promise<void> {
    for (const party of this.#ends) await party.end();
    this.floor.end();
  }

  async #enter(party: Endable, largest = Infinity): Promise<void> {
    this.#ends.push(party);
    this.all.push({ party, description: await party.ask("hello", {}), largest });
  }

  async #bringGrove({ cpu }: Options, version: string): Promise<void> {
    await this.#enter(new ProcessParty(program("workers/grove", engine, version)));
    if (cpu) {
      this.absent.push("grove in a browser: a page cannot tell processor time");
      return;
    }
    await buildForPages(["browser/grove"]);
    await this.#orAbsent("grove in a browser", () => this.#enter(new PageParty(groveInPage(version)), LARGEST_IN_PAGE));
  }

  async #bringRival(name: Exclude<ImplementationName, "grove">, { limit, cpu }: Options): Promise<void> {
    await this.#orAbsent(name, async () => {
      switch (name) {
        case "ts-mls-1":
        case "ts-mls-2":
          await this.#enter(new ProcessParty(await nodeRival(name), limit));
          break;
        case "core-crypto":
          if (cpu) throw new Error("a page cannot tell processor time");
          await this.#enter(new PageParty(await coreCryptoInPage(), limit), LARGEST_IN_PAGE);
          break;
        case "openmls":
        case "mls-rs":
          await this.#enter(new ProcessParty(nativeRival(name), limit));
          break;
      }
    });
  }

  async #orAbsent(name: string, enter: () => Promise<void>): Promise<void> {
    try {
      await enter();
    } catch (error) {
      this.absent.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function program(entry: string, ...args: string[]): Command {
  return { file: process.execPath, args: [`${programs}/${entry}.mjs`, ...args] };
}
