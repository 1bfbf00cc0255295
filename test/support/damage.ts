// Damages a test vector field by field: what a verifier must notice, every one of them.

/** One change to one field. */
export interface Damage {
  /** The field, as `update_paths[0].sender`. */
  readonly field: string;
  readonly change: string;
  readonly damaged: unknown;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Step = string | number;
type Changes = readonly (readonly [change: string, value: Json | undefined])[];

/** Suites of another hash, so that nothing that is computed can stay the same. */
const otherSuites: Readonly<Record<number, number>> = { 1: 7, 2: 7, 3: 7, 4: 7, 5: 7, 6: 7, 7: 1 };

/** Every change to every field of a case, in turn. */
export function* damages(vector: unknown): Generator<Damage> {
  for (const [path, value] of fields(vector as Json, [])) {
    for (const [change, replacement] of [...kindless(value), ...changes(path, value)]) {
      yield { field: nameOf(path), change, damaged: replaced(vector as Json, path, replacement) };
    }
  }
}

/** The path to everything in a case, and what is there. */
function* fields(value: Json, path: readonly Step[]): Generator<readonly [readonly Step[], Json]> {
  if (path.length > 0) yield [path, value];
  if (Array.isArray(value)) {
    for (const [i, item] of (value as readonly Json[]).entries()) yield* fields(item, [...path, i]);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, field] of Object.entries(value)) yield* fields(field, [...path, name]);
  }
}

/** Lacking, or of another type. */
function kindless(value: Json): Changes {
  const isText = typeof value === "string";
  return [["removed", undefined], ["of another type", isText ? 7 : "text"] as const];
}

function changes(path: readonly Step[], value: Json): Changes {
  const name = path.findLast((step) => typeof step === "string");
  if (value === null) return [["given", "00"]];
  if (typeof value === "number") return name === "cipher_suite" ? suiteChanges(value) : numberChanges(value);
  if (typeof value === "string") return name === "label" ? [["longer", `${value}x`]] : bytesChanges(value);
  if (Array.isArray(value)) return arrayChanges(value);
  return [];
}

function suiteChanges(suite: number): Changes {
  return [...[otherSuites[suite]!, 0, 8, 2 ** 16, -1].map((other) => [`suite ${other}`, other] as const)];
}

function numberChanges(value: number): Changes {
  const others = [value + 1, value - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 0.5].filter((other) => other !== value);
  return others.map((other) => [`${other}`, other] as const);
}

function bytesChanges(text: string): Changes {
  const bytes = text.length / 2;
  const flip = (at: number, bit: number): string => {
    const byte = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16) ^ bit;
    return text.slice(0, 2 * at) + byte.toString(16).padStart(2, "0") + text.slice(2 * at + 2);
  };
  // The bits of the ends are none that X25519 and X448 leave aside.
  const flipped: Changes =
    bytes === 0
      ? []
      : [
          ["first byte flipped", flip(0, 0x40)],
          ["middle byte flipped", flip(bytes >> 1, 0x10)],
          ["last byte flipped", flip(bytes - 1, 0x01)],
          // More than the zeros that numbers may do without.
          ["a byte shorter", text.replace(/^(00)*../, "")],
          ["a byte cut off", text.slice(0, -2)],
          ["empty", ""],
        ];
  return [
    ...flipped,
    ["a byte longer", `${text}00`],
    ["half a byte longer", `${text}0`],
    ["not hexadecimal", `${text}zz`],
  ];
}

function arrayChanges(items: readonly Json[]): Changes {
  const longer: Changes = items.length === 0 ? [] : [["last item twice", [...items, items.at(-1)!]]];
  const shorter: Changes = items.length === 0 ? [] : [["last item gone", items.slice(0, -1)]];
  return items.length < 2 ? [...longer, ...shorter] : [...longer, ...shorter, ["no items", []]];
}

function replaced(value: Json, [step, ...rest]: readonly Step[], replacement: Json | undefined): Json {
  if (step === undefined) return replacement!;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    if (rest.length === 0 && replacement === undefined) return items.toSpliced(step as number, 1);
    return items.with(step as number, replaced(items[step as number]!, rest, replacement));
  }
  const { [step]: field, ...others } = value as { readonly [name: string]: Json };
  return rest.length === 0 && replacement === undefined
    ? others
    : { ...others, [step]: replaced(field!, rest, replacement) };
}

function nameOf(path: readonly Step[]): string {
  return path.reduce<string>(
    (name, step) => (typeof step === "number" ? `${name}[${step}]` : name ? `${name}.${step}` : step),
    "",
  );
}
