import { describe, expect, it } from "vitest";
import { expectedAuthenticators, followPassively, type PassiveCase } from "../support/passive.ts";
import { loadVectors } from "../support/vectors.ts";

const files = ["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"] as const;
const counts: Record<(typeof files)[number], number> = {
  "passive-client-welcome": 56,
  "passive-client-handling-commit": 91,
  "passive-client-random": 1,
};

describe.each(files)("%s.json", (file) => {
  const all = loadVectors<PassiveCase[]>(`mls/${file}.json`);
  const cases = all ?? [];

  it.skipIf(all === undefined)("has the cases of all suites", () => {
    expect(cases.length).toBe(counts[file]);
  });

  it.each(cases.map((vector, index) => ({ suite: vector.cipher_suite, index, vector })))(
    "suite $suite, case $index (MLS-12.4.3.1-18, MLS-12.4.2-07)",
    ({ vector }) => {
      expect([...followPassively(vector)]).toEqual(expectedAuthenticators(vector));
    },
    120_000,
  );
});
