// One random history: a group from its first member on, step by step as the seed has it.

import { checkEnd } from "./checks.ts";
import { commit } from "./commits.ts";
import { joinFromOutside, resync } from "./external.ts";
import { foundGroup } from "./found.ts";
import { deliver, sendMessages } from "./messages.ts";
import { Model } from "./model.ts";
import type { Difference, Peer } from "./peer.ts";
import type { Play, PlaySettings } from "./play.ts";
import { probe } from "./probes.ts";
import { propose, proposeFromOutside, proposeToJoin } from "./proposals.ts";
import { Random } from "./random.ts";
import { branch, reInit } from "./successors.ts";
import { Witness } from "./witness.ts";

/** What to play. */
export interface HistorySettings extends PlaySettings {
  readonly seed: number;
  readonly steps: number;
  /** Everyone who takes part; members are spread over them evenly, by chance. */
  readonly peers: readonly Peer[];
}

/** What was played. */
export interface HistoryReport {
  readonly seed: number;
  readonly cipherSuite: number;
  readonly epochs: number;
  /** How many members the group had at most. */
  readonly largest: number;
  readonly calls: number;
  /** Application messages that were read and compared. */
  readonly read: number;
  /** How often each kind of step came up. */
  readonly steps: Readonly<Record<string, number>>;
  readonly met: ReadonlyMap<Difference, number>;
}

/** A history that came to an end before its time; the message has the seed and the last calls. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}

const steps = {
  sendMessages,
  deliver,
  propose,
  proposeToJoin,
  proposeFromOutside,
  commit,
  joinFromOutside,
  resync,
  probe,
  reInit,
  branch,
};
const weights: Record<keyof typeof steps, number> = {
  sendMessages: 16,
  deliver: 16,
  propose: 26,
  proposeToJoin: 3,
  proposeFromOutside: 3,
  commit: 18,
  joinFromOutside: 4,
  resync: 3,
  probe: 9,
  reInit: 1,
  branch: 1,
};

/** Plays one history. Throws {@link HistoryError} at the first divergence that no peer's table explains. */
export async function playHistory(settings: HistorySettings): Promise<HistoryReport> {
  const { seed, peers } = settings;
  const random = new Random(seed);
  const model = new Model(random, random.pick(settings.suites));
  const witness = new Witness();
  const counts = { epochs: 0, read: 0, largest: 0, steps: {} as Record<string, number> };
  const play: Play = { model, random, witness, peers, settings, counts };
  const { cipherSuite } = model;
  let step = 0;
  try {
    await foundGroup(play);
    for (step = 1; step <= settings.steps; step++) {
      const kind = nextStep(play);
      counts.steps[kind] = (counts.steps[kind] ?? 0) + 1;
      witness.note(`step ${step}: ${kind}, epoch ${model.epoch}, ${model.size} members`);
      await steps[kind](play);
      counts.largest = Math.max(counts.largest, model.size);
    }
    await checkEnd(play);
    for (const member of model.members) await witness.call(member, "free", { stateId: member.stateId });
  } catch (error) {
    const trace = witness.trace.slice(-24).join("\n  ");
    const message = error instanceof Error ? error.message : String(error);
    throw new HistoryError(`seed ${seed}, step ${step}: ${message}\n  ${trace}`, { cause: error });
  }
  return { seed, cipherSuite, calls: witness.calls, met: witness.met, ...counts };
}

/** Who is behind comes back soon, and a group that is too small grows. */
function nextStep({ model, random, settings }: Play): keyof typeof steps {
  if (model.behind.length > 0 && random.chance(0.4)) return "resync";
  if (model.size < settings.members.min && random.chance(0.5)) return "commit";
  return random.weighted(weights);
}
