// That the verifier of every kind can fail: each field of a case is damaged in turn, and each damage is noticed.
// GROVE_LONG=1 takes all seven suites.
import { describe, expect, it } from "vitest";
import { MlsError } from "../../bindings/errors.ts";
import { type VectorKind } from "../../vectors/kind.ts";
import { kinds } from "../../vectors/kinds.ts";
import { Difference } from "../../vectors/shape.ts";
import { Tools } from "../../vectors/tools.ts";
import { damages } from "../support/damage.ts";
import { plugins } from "../support/official.ts";

const LONG = typeof process !== "undefined" && process.env["GROVE_LONG"] === "1";
const suites = LONG ? [1, 2, 3, 4, 5, 6, 7] : [1];

/** Changes that leave a case as true as it was. */
interface Harmless {
  readonly kinds: RegExp;
  readonly field: RegExp;
  readonly change: RegExp;
  readonly reason: string;
}

const harmless: readonly Harmless[] = [
  {
    kinds: /^crypto-basics$/,
    field: /secret$/,
    change: /^a byte longer$/,
    reason: "HMAC pads its key with zeros",
  },
  {
    kinds: /^secret-tree$/,
    field: /^sender_data\.ciphertext$/,
    change: /^(middle|last) byte flipped$|^a byte (cut off|longer)$/,
    reason: "the sample is the first KDF.Nh bytes",
  },
  {
    kinds: /^secret-tree$/,
    field: /^leaves\[\d+\](\[\d+\])?$/,
    change: /^last item gone$|^no items$|^removed$/,
    reason: "any generations can be listed",
  },
  {
    kinds: /^key-schedule$|^passive-client-(handling-commit|random)$/,
    field: /^epochs(\[\d+\])?$/,
    change: /^last item gone$|^no items$|^removed$/,
    reason: "a case may end with any epoch",
  },
  {
    kinds: /^treekem$/,
    field: /^update_paths(\[\d+\])?$/,
    change: /^last item (gone|twice)$|^no items$|^removed$/,
    reason: "any paths can be listed",
  },
  {
    kinds: /^treekem$/,
    field: /^leaves_private\[\d+\]\.path_secrets$/,
    change: /^last item twice$/,
    reason: "a secret may be listed twice",
  },
  {
    kinds: /^treekem$/,
    field: /^update_paths\[\d+\]\.path_secrets$/,
    change: /^last item twice$/,
    reason: "null stands for a blank leaf too",
  },
  {
    kinds: /^messages$/,
    field: /./,
    // What begins a byte later is well-formed where that byte, by chance, is a length that fits.
    change: /flipped$|^a byte shorter$/,
    reason: "the form of messages is verified, not their content",
  },
  {
    kinds: /^passive-client-/,
    field: /^external_psks$/,
    change: /^last item twice$/,
    reason: "a PSK may be listed twice",
  },
  {
    kinds: /^passive-client-random$/,
    field: /^epochs\[\d+\]\.proposals$/,
    change: /^last item twice$/,
    reason: "a PublicMessage may arrive twice",
  },
];

/** How a damaged case is answered; anything but a difference, or a rule that is broken, is not an answer. */
function answer(kind: VectorKind, damaged: unknown, tools: Tools): "refused" | "not noticed" | Error {
  try {
    kind.verify(damaged, tools);
    return "not noticed";
  } catch (error) {
    if (error instanceof Difference) return "refused";
    return error instanceof MlsError && error.code !== "ERR_INTERNAL" ? "refused" : (error as Error);
  }
}

describe.each(kinds.map((kind) => [kind.name, kind] as const))("%s", (name, kind) => {
  it.each(suites)(
    "suite %i: every damage to every field is noticed",
    (suite) => {
      const tools = new Tools({ suites: plugins, seed: "damage" });
      // Of tree-operations the Update, because the sender of other proposals does not matter.
      const vector = kind.generate(tools.suite(suite), tools, name === "tree-operations" ? 0 : 1);
      kind.verify(vector, tools);
      const applicable = harmless.filter((exception) => exception.kinds.test(name));
      const excused = new Map<Harmless, number>(applicable.map((exception) => [exception, 0]));
      const unexpected: string[] = [];
      let [count, refused] = [0, 0];
      for (const { field, change, damaged } of damages(vector)) {
        count++;
        const answered = answer(kind, damaged, tools);
        if (answered === "refused") {
          refused++;
          continue;
        }
        const excuse = applicable.find((exception) => exception.field.test(field) && exception.change.test(change));
        if (excuse !== undefined && answered === "not noticed") excused.set(excuse, excused.get(excuse)! + 1);
        else unexpected.push(`${field}, ${change}: ${String(answered)}`);
      }
      const reasons = [...excused].map(([{ reason }, times]) => `, ${times} are harmless: ${reason}`).join("");
      console.log(`${name}, suite ${suite}: ${count} damages, ${refused} noticed${reasons}`);
      expect(unexpected).toEqual([]);
      // An exception that excuses nothing has no place in the table.
      expect([...excused].filter(([, times]) => times === 0)).toEqual([]);
      expect(refused).toBeGreaterThan(15);
      expect(tools.engine.core.handlesInUse()).toBe(0);
    },
    600_000,
  );
});

it("tries every change on every field", () => {
  const tried = [...damages({ cipher_suite: 1, list: [{ bytes: "0001", none: null }], label: "a" })];
  expect(tried.map(({ field, change }) => `${field}: ${change}`)).toEqual([
    "cipher_suite: removed",
    "cipher_suite: of another type",
    ...[7, 0, 8, 65536, -1].map((suite) => `cipher_suite: suite ${suite}`),
    "list: removed",
    "list: of another type",
    "list: last item twice",
    "list: last item gone",
    "list[0]: removed",
    "list[0]: of another type",
    "list[0].bytes: removed",
    "list[0].bytes: of another type",
    "list[0].bytes: first byte flipped",
    "list[0].bytes: middle byte flipped",
    "list[0].bytes: last byte flipped",
    "list[0].bytes: a byte shorter",
    "list[0].bytes: a byte cut off",
    "list[0].bytes: empty",
    "list[0].bytes: a byte longer",
    "list[0].bytes: half a byte longer",
    "list[0].bytes: not hexadecimal",
    "list[0].none: removed",
    "list[0].none: of another type",
    "list[0].none: given",
    "label: removed",
    "label: of another type",
    "label: longer",
  ]);
  expect(tried.find(({ change }) => change === "last byte flipped")?.damaged).toEqual({
    cipher_suite: 1,
    list: [{ bytes: "0000", none: null }],
    label: "a",
  });
});
