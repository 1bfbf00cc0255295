// The cases of Wycheproof and what MLS requires of each: one table of policy, one answer per case, all counted.
import { expect } from "vitest";
import { loadVectors } from "./vectors.ts";

/** What every case has. */
export interface WycheproofCase {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "acceptable" | "invalid";
}

interface WycheproofFile<Group, Case> {
  readonly numberOfTests: number;
  readonly testGroups: readonly (Group & { readonly tests: readonly (Case & WycheproofCase)[] })[];
}

/** Whether a primitive takes a case, with the right result, or refuses it. */
export type Answer = "accept" | "refuse";

interface Policy {
  readonly flag: string;
  readonly files: RegExp;
  readonly answer: Answer;
  readonly why: string;
}

/** What the files leave open: the first flag that an "acceptable" case has decides, and one without any fails. */
const policies: readonly Policy[] = [
  {
    flag: "ZeroSharedSecret",
    files: /^x(25519|448)_/,
    answer: "refuse",
    why: "RFC 9180 section 7.1.4: a shared secret of zeros",
  },
  {
    flag: "CompressedPoint",
    files: /^ecdh_/,
    answer: "refuse",
    why: "RFC 9180 section 7.1.1: only uncompressed points (MLS-5.1.1-01)",
  },
  {
    flag: "Twist",
    files: /^x(25519|448)_/,
    answer: "accept",
    why: "RFC 7748 section 5: every u is computed with, on the curve or its twist",
  },
  {
    flag: "NonCanonicalPublic",
    files: /^x(25519|448)_/,
    answer: "accept",
    why: "RFC 7748 section 5: u is taken modulo p",
  },
];

const TRUNCATED = "a truncated tag (MLS-6.2-05)";

/** How one file is answered. */
export interface Answering<Group, Case> {
  /** Why a case is none of MLS, if so. */
  readonly notApplicable?: (group: Group, test: Case) => string | undefined;
  /** Whether the valid tags of a group are shorter than MLS's. */
  readonly isTruncated?: (group: Group) => boolean;
  readonly answer: (group: Group, test: Case & WycheproofCase) => Answer;
}

/** What a file comes to. */
export interface Count {
  readonly cases: number;
  readonly applicable: number;
  readonly accepted: number;
  readonly refused: number;
}

/** Whether the vectors are at hand. */
export function hasFile(file: string): boolean {
  return loadVectors(`wycheproof/${file}.json`) !== undefined;
}

/** Answers every applicable case of a file, expects the answer that is required, prints and returns the counts. */
export function answerFile<Group, Case>(file: string, answering: Answering<Group, Case>): Count {
  const { numberOfTests, testGroups } = loadVectors<WycheproofFile<Group, Case>>(`wycheproof/${file}.json`)!;
  const reasons = new Map<string, number>();
  const count = { accept: 0, refuse: 0 };
  let cases = 0;
  const note = (reason: string): Map<string, number> => reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (const group of testGroups) {
    for (const test of group.tests) {
      cases++;
      const inapplicable = answering.notApplicable?.(group, test);
      if (inapplicable !== undefined) {
        note(`not applicable, ${inapplicable}`);
        continue;
      }
      const { answer, why } = required(file, test, answering.isTruncated?.(group) ?? false);
      if (why !== undefined) note(`${answer}, ${why}`);
      const where = `${file} ${test.tcId} (${test.result}; ${test.flags.join(", ")}; ${test.comment})`;
      expect(answering.answer(group, test), where).toBe(answer);
      count[answer]++;
    }
  }
  expect(cases).toBe(numberOfTests);
  const applicable = count.accept + count.refuse;
  const result = { cases, applicable, accepted: count.accept, refused: count.refuse };
  console.log(
    `${file}: ${cases} cases, ${applicable} applicable and answered (${count.accept} accepted, ${count.refuse} refused)`,
    ...[...reasons].map(([reason, times]) => `\n  ${times} × ${reason}`),
  );
  return result;
}

function required(file: string, test: WycheproofCase, isTruncated: boolean): { answer: Answer; why?: string } {
  if (test.result === "invalid") return { answer: "refuse" };
  if (isTruncated) return { answer: "refuse", why: TRUNCATED };
  if (test.result === "valid") return { answer: "accept" };
  const policy = policies.find(({ flag, files }) => files.test(file) && test.flags.includes(flag));
  if (policy === undefined) throw new Error(`${file} ${test.tcId}: no policy for ${test.flags.join(", ")}`);
  return policy;
}
