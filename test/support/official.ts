// The files of the MLS working group, each case put before the library that `grove vectors` runs on.
import { afterAll, describe, expect, it } from "vitest";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { kinds } from "../../vectors/kinds.ts";
import { Tools } from "../../vectors/tools.ts";
import { verifyCase } from "../../vectors/verify.ts";
import { loadVectors } from "./vectors.ts";

/** The suites of the vectors. */
export const plugins = [...nist, ...x448];

// One for all cases: Chromium has room for some 120 WebAssembly memories, and is slow to free them.
const tools = new Tools({ suites: plugins });

/** Puts every case of `<kind>.json` to the test; `rules` are what they prove. */
export function officialVectors(kind: string, count: number, rules: string): void {
  const cases = loadVectors<{ cipher_suite?: number }[]>(`mls/${kind}.json`);

  describe.skipIf(cases === undefined)(`${kind}.json`, () => {
    it(`holds ${count} cases, of this kind`, () => {
      expect(cases).toHaveLength(count);
      expect(kinds.find(({ name }) => name === kind)?.recognizes(cases![0])).toBe(true);
    });

    const named = (cases ?? []).map((vector, index) => {
      const suite = vector.cipher_suite;
      return [suite === undefined ? `case ${index}` : `case ${index}, suite ${suite}`, vector] as const;
    });
    it.each(named)(
      `%s (${rules})`,
      (_, vector) => {
        verifyCase(vector, tools);
      },
      120_000,
    );

    afterAll(() => expect(tools.engine.core.handlesInUse()).toBe(0));
  });
}
