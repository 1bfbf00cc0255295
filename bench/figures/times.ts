// The figures about time. Each is a ratio within one run: to node:crypto measured in turn with the
// operations, or to the same operation in a smaller group.
import type { Result } from "../scenario/measurements.ts";
import { type OperationName, type Phase, phaseOf, type Primitives } from "../scenario/operations.ts";
import type { Figure } from "./figure.ts";

/** Small differences of what should be equal are noise. */
const SAME = 1.2;

/** The primitives as they were beside an operation; undefined where it was not measured. */
export type PrimitivesBeside = (members: number, phase: Phase) => Primitives | undefined;

export interface Run {
  /** Rows of Grove in Node. */
  readonly results: readonly Result[];
  readonly primitives: PrimitivesBeside;
}

const letters: Partial<Record<OperationName, string>> = {
  "add-many": "a ",
  "join-blank": "b ",
  "join-one-path": "b2 ",
  "join-filled": "b3 ",
  "commit-blank": "c ",
  "process-blank": "c' ",
  "commit-filled": "d ",
  "process-filled": "d' ",
  "add-one-send": "e ",
  "add-one-receive": "e' ",
  "remove-one-send": "f ",
  "remove-one-receive": "f' ",
  "encrypt-100": "g ",
  "decrypt-100": "g ",
};

/** All figures for which both sides were measured. */
export function timeFigures(run: Run): Figure[] {
  return [...joinFigures(run), ...manyFigures(run), ...pathFigures(run), ...messageFigures(run), ...hugeFigures(run)];
}

function at(run: Run, operation: OperationName, members: number): Result | undefined {
  return run.results.find((row) => row.operation === operation && row.members === members);
}

const n = (members: number): string => members.toLocaleString("en");

/** A figure whose limit is made of primitives. */
function byPrimitives(
  run: Run,
  operation: OperationName,
  members: number,
  rule: string,
  limit: (primitives: Primitives) => number,
): Figure[] {
  const row = at(run, operation, members);
  const primitives = run.primitives(members, phaseOf(operation));
  if (row === undefined || primitives === undefined) return [];
  const subject = `${letters[operation] ?? ""}${operation}, n = ${n(members)}`;
  return [{ subject, rule, limit: limit(primitives), measured: row.milliseconds, unit: "ms" }];
}

/** A figure whose limit is a multiple of another operation, or of the same in another group. */
function byRatio(
  run: Run,
  [operation, members]: readonly [OperationName, number],
  [other, otherMembers]: readonly [OperationName, number],
  limit: number,
): Figure[] {
  const [one, two] = [at(run, operation, members), at(run, other, otherMembers)];
  if (one === undefined || two === undefined) return [];
  const subject = `${letters[operation] ?? ""}${operation}, n = ${n(members)}`;
  const what = operation === other ? `the same at n = ${n(otherMembers)}` : other;
  const rule = `${limit} x ${what}`;
  return [{ subject, rule, limit, measured: one.milliseconds / two.milliseconds, unit: "x" }];
}

function joinFigures(run: Run): Figure[] {
  return [1000, 10_000].flatMap((members) => [
    ...(["join-blank", "join-one-path", "join-filled"] as const).flatMap((operation) =>
      byPrimitives(run, operation, members, "0.30 n verify", ({ verify }) => 0.3 * members * verify),
    ),
    ...(["join-one-path", "join-filled"] as const).flatMap((operation) =>
      byRatio(run, [operation, members], ["join-blank", members], 1.3),
    ),
  ]);
}

function manyFigures(run: Run): Figure[] {
  const members = 10_000;
  return [
    ...byPrimitives(
      run,
      "add-many",
      members,
      "0.6 x 2n verify + 0.85 n (keygen + dh)",
      ({ verify, keygen, dh }) => 0.6 * 2 * members * verify + 0.85 * members * (keygen + dh),
    ),
    ...byRatio(run, ["add-many", members], ["add-many", 1000], 12),
    ...byPrimitives(
      run,
      "commit-blank",
      members,
      "0.85 n (keygen + dh)",
      ({ keygen, dh }) => 0.85 * members * (keygen + dh),
    ),
    ...byPrimitives(run, "process-blank", members, "15 ms", () => 15),
    ...sameOperations(run, "process-blank"),
  ];
}

/** Nothing but hashing grows: the public-key operations are the same at both sizes. */
function sameOperations(run: Run, operation: OperationName): Figure[] {
  const count = (members: number): number | undefined => {
    const counts = at(run, operation, members)?.operations;
    return counts ? counts.verify + counts.sign + counts.seal + counts.open : undefined;
  };
  const [few, many] = [count(1000), count(10_000)];
  if (few === undefined || many === undefined) return [];
  const subject = `${letters[operation] ?? ""}${operation}, n = ${n(10_000)}`;
  return [{ subject, rule: "public-key operations as at n = 1,000", limit: few, measured: many, unit: "operations" }];
}

function pathFigures(run: Run): Figure[] {
  const receiving = ["process-filled", "add-one-receive", "remove-one-receive"] as const;
  const sending = ["commit-filled", "add-one-send", "remove-one-send"] as const;
  const figures = (operation: OperationName, multiple: number): Figure[] => [
    ...byPrimitives(run, operation, 10_000, `${multiple} verify`, ({ verify }) => multiple * verify),
    ...byRatio(run, [operation, 10_000], [operation, 1000], 1.5),
  ];
  return [
    ...receiving.flatMap((operation) => figures(operation, 15)),
    ...receiving.flatMap((operation) => byRatio(run, [operation, 100_000], [operation, 1000], 2)),
    ...sending.flatMap((operation) => figures(operation, 25)),
  ];
}

function messageFigures(run: Run): Figure[] {
  return [
    ...byPrimitives(run, "encrypt-100", 10_000, "0.6 verify", ({ verify }) => 0.6 * verify),
    ...byPrimitives(run, "decrypt-100", 10_000, "1.1 verify", ({ verify }) => 1.1 * verify),
    ...byRatio(run, ["encrypt-100", 10_000], ["encrypt-100", 2], SAME),
    ...byRatio(run, ["decrypt-100", 10_000], ["decrypt-100", 2], SAME),
  ];
}

function hugeFigures(run: Run): Figure[] {
  return byRatio(run, ["join-blank", 100_000], ["join-blank", 10_000], 12);
}
