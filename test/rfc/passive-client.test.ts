import { describe, expect, it } from "vitest";
import { expectedAuthenticators, followPassively, type PassiveCase } from "../support/passive.ts";
import { loadVectors } from "../support/vectors.ts";

const files = ["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"] as const;
const CORE_SUITES = [1, 3];

describe.each(files)("%s.json", (file) => {
  const all = loadVectors<PassiveCase[]>(`mls/${file}.json`);
  const cases = all?.filter(({ cipher_suite }) => CORE_SUITES.includes(cipher_suite)) ?? [];

  it.skipIf(all === undefined)(`has cases for the suites of the core`, () => {
    expect(cases.length).toBe(
      { "passive-client-welcome": 16, "passive-client-handling-commit": 26 }[file as string] ?? 1,
    );
  });

  it.each(cases.map((vector, index) => ({ suite: vector.cipher_suite, index, vector })))(
    "suite $suite, case $index (MLS-12.4.3.1-18, MLS-12.4.2-07)",
    ({ vector }) => {
      expect([...followPassively(vector)]).toEqual(expectedAuthenticators(vector));
    },
    120_000,
  );
});
