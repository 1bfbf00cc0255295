// In which castings a script is played: suites, kinds of handshake messages, and who plays whom.

import { Random } from "../histories/index.ts";
import { playStep } from "./actions.ts";
import { actorsOf, type Script } from "./script.ts";
import { type Casting, type Player, Stage } from "./stage.ts";

export interface MatrixOptions {
  readonly players: readonly Player[];
  /** One suite, else all that at least one player has. */
  readonly suite: number | undefined;
  /** Kinds of handshake messages: true for PrivateMessage. */
  readonly encrypts: readonly boolean[];
  /** One casting by chance instead of all of them. */
  readonly isRandom: boolean;
  readonly seed: number;
}

export interface Verdict {
  readonly passed: number;
  readonly total: number;
  /** One line for each casting that failed. */
  readonly failures: readonly string[];
}

/** Plays a script in all castings that the options ask for. */
export async function playScript(script: Script, options: MatrixOptions): Promise<Verdict> {
  const failures: string[] = [];
  let total = 0;
  for (const casting of castings(script, options)) {
    total++;
    const failure = await play(script, casting);
    if (failure !== undefined) failures.push(`${words(casting)}: ${failure}`);
  }
  return { passed: total - failures.length, total, failures };
}

function* castings(script: Script, options: MatrixOptions): Generator<Casting, void, undefined> {
  const { players, suite, encrypts, isRandom, seed } = options;
  const actors = actorsOf(script);
  const all = [...new Set(players.flatMap(({ suites }) => [...suites]))].sort((a, b) => a - b);
  for (const cipherSuite of suite === undefined ? all : [suite]) {
    const able = players.filter(({ suites }) => suites.has(cipherSuite));
    for (const encryptHandshake of encrypts) {
      const random = new Random(seed + 2 * cipherSuite + Number(encryptHandshake));
      const combinations = isRandom ? [actors.map(() => random.pick(able))] : allCombinations(able, actors.length);
      for (const combination of combinations) {
        const roles = new Map(actors.map((actor, index) => [actor, combination[index]!]));
        yield { cipherSuite, encryptHandshake, roles, random };
      }
    }
  }
}

function* allCombinations<T>(values: readonly T[], count: number): Generator<T[], void, undefined> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const rest of allCombinations(values, count - 1)) for (const value of values) yield [...rest, value];
}

/** What went wrong, or undefined. */
async function play({ steps }: Script, casting: Casting): Promise<string | undefined> {
  const stage = new Stage(casting);
  let failure: string | undefined;
  for (const [index, step] of steps.entries()) {
    try {
      await playStep(stage, step, index);
    } catch (error) {
      failure = `step ${index} (${step.action}): ${error instanceof Error ? error.message : String(error)}`;
      break;
    }
  }
  try {
    await stage.free();
  } catch (error) {
    failure ??= `at the end: ${error instanceof Error ? error.message : String(error)}`;
  }
  return failure;
}

function words({ cipherSuite, encryptHandshake, roles }: Casting): string {
  const cast = [...roles].map(([actor, { name }]) => `${actor} ${name}`).join(", ");
  return `suite ${cipherSuite}, ${encryptHandshake ? "private" : "public"} handshakes, ${cast}`;
}
