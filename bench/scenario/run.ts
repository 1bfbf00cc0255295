// The whole benchmark: every group size, first blank, then alive.
import { blankStage } from "./blank.ts";
import type { Contest } from "./contest.ts";
import { livingStage, messageStage } from "./living.ts";
import { Measurements } from "./measurements.ts";
import { operationNames } from "./operations.ts";

const living = operationNames.slice(operationNames.indexOf("commit-filled")).concat("join-filled");

/** Runs the contest for these group sizes, the smallest first. */
export async function runContest(contest: Contest, sizes: readonly number[]): Promise<void> {
  await warmUp(contest);
  for (const members of [...sizes].sort((a, b) => a - b)) {
    if (members < 8) {
      await messageStage(contest, members);
      continue;
    }
    await blankStage(contest, members);
    if (living.some((operation) => contest.plan.only.has(operation))) await livingStage(contest, members);
  }
}

/**
 * Everything with few members until compilers have seen it often, or for a few seconds; nothing of it counts. What is
 * measured is an implementation at work, not its first minute.
 */
async function warmUp(contest: Contest): Promise<void> {
  const plan = { ...contest.plan, rounds: () => 30, enough: 3_000 };
  const unmeasured = { ...contest, plan, measurements: new Measurements(), moments: new Map() };
  await blankStage(unmeasured, 16);
  await livingStage(unmeasured, 16);
}
