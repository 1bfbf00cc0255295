import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import * as layout from "../../bindings/core/generated/layout.ts";
import {
  STATUS_ARGUMENT,
  STATUS_EXTENSION,
  STATUS_LIMIT,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_UNSUPPORTED,
} from "../../bindings/core/generated/status.ts";
import { hex } from "../support/bytes.ts";
import { extension, leafBytes, leafParts, lifetime, u16, u64, vector, type LeafParts } from "../support/leaf.ts";
import { loadVectors } from "../support/vectors.ts";

const engine = new Engine();

function parse(bytes: Uint8Array, on: Engine = engine): { status: number; words: number[] } {
  return on.frame((core, frame) => {
    const at = frame.put(bytes);
    const out = frame.take(4 * layout.LEAF_WORDS);
    const status = core.leafParse(at, bytes.length, out);
    return { status, words: Array.from({ length: layout.LEAF_WORDS }, (_, i) => on.word(out + 4 * i)) };
  });
}

function check(bytes: Uint8Array, version = 1, suite = 1, encryption = 32, signature = 32): number {
  return engine.frame((core, frame) => {
    const at = frame.put(bytes);
    const out = frame.take(4 * layout.LEAF_WORDS);
    expect(core.leafParse(at, bytes.length, out)).toBe(bytes.length);
    return core.leafCheck(at, out, version, suite, encryption, signature);
  });
}

function supports(bytes: Uint8Array, list: number, types: number[]): number {
  return engine.frame((core, frame) => {
    const at = frame.put(bytes);
    const out = frame.take(4 * layout.LEAF_WORDS);
    expect(core.leafParse(at, bytes.length, out)).toBe(bytes.length);
    return core.leafSupports(at, out, list, frame.put(Uint8Array.from(u16(...types))), types.length);
  });
}

const NEVER = 0xffff_ffff_ffff_ffffn;

function lifetimeRule(bytes: Uint8Array, maximum: bigint, now?: bigint, skew = 0n): number {
  return engine.frame((core, frame) => {
    const at = frame.put(bytes);
    const out = frame.take(4 * layout.LEAF_WORDS);
    expect(core.leafParse(at, bytes.length, out)).toBe(bytes.length);
    return core.leafLifetime(at, out, maximum, now === undefined ? 0 : 1, now ?? 0n, skew);
  });
}

/** Offset at which a field of the valid leaf begins. */
function offsetOf(field: keyof LeafParts, parts: LeafParts = leafParts()): number {
  let offset = 0;
  for (const [name, bytes] of Object.entries(parts) as [string, number[]][]) {
    if (name === field) return offset;
    offset += bytes.length;
  }
  throw new Error(field);
}

describe("leafParse", () => {
  it("finds every field of a leaf", () => {
    const bytes = leafBytes();
    const { status, words } = parse(bytes);
    expect(status).toBe(bytes.length);
    expect(words[0]).toBe(bytes.length);
    const vectors: [keyof LeafParts, number][] = [
      ["encryptionKey", layout.LEAF_ENCRYPTION_KEY],
      ["signatureKey", layout.LEAF_SIGNATURE_KEY],
      ["versions", layout.LEAF_CAPABILITIES],
      ["cipherSuites", layout.LEAF_CAPABILITIES + 2],
      ["extensionTypes", layout.LEAF_CAPABILITIES + 4],
      ["proposals", layout.LEAF_CAPABILITIES + 6],
      ["credentials", layout.LEAF_CAPABILITIES + 8],
      ["extensions", layout.LEAF_EXTENSIONS],
      ["signature", layout.LEAF_SIGNATURE],
    ];
    for (const [field, index] of vectors) {
      const content = bytes.subarray(words[index], words[index]! + words[index + 1]!);
      const header = content.length < 64 ? 1 : 2;
      expect(words[index], field).toBe(offsetOf(field) + header);
      expect([...vector(content)], field).toEqual(leafParts()[field]);
    }
    expect(words[layout.LEAF_CREDENTIAL]).toBe(offsetOf("credential"));
    expect(words[layout.LEAF_CREDENTIAL + 1]).toBe(5);
    expect(words[layout.LEAF_CREDENTIAL_TYPE]).toBe(1);
    expect(words[layout.LEAF_SOURCE]).toBe(1);
    expect(words[layout.LEAF_ARM]).toBe(offsetOf("source") + 1);
    expect(words[layout.LEAF_ARM + 1]).toBe(16);
    expect(words[layout.LEAF_TBS_LENGTH]).toBe(offsetOf("signature"));
  });

  it("leaves what follows the leaf alone", () => {
    const bytes = leafBytes();
    expect(parse(Uint8Array.from([...bytes, 1, 2, 3])).status).toBe(bytes.length);
  });

  it("MLS-7.2-01 reads each source with its arm and refuses others", () => {
    const update = parse(leafBytes({ source: [2] }));
    expect(update.status).toBeGreaterThan(0);
    expect(update.words.slice(layout.LEAF_SOURCE, layout.LEAF_SOURCE + 3)).toEqual([2, offsetOf("source") + 1, 0]);
    const commit = parse(leafBytes({ source: [3, ...vector([1, 2, 3])] }));
    expect(commit.words.slice(layout.LEAF_SOURCE, layout.LEAF_SOURCE + 3)).toEqual([3, offsetOf("source") + 2, 3]);
    for (const source of [0, 4, 0x80, 255]) {
      const { status, words } = parse(leafBytes({ source: [source] }));
      expect(status).toBe(STATUS_MALFORMED);
      expect(words[0]).toBe(offsetOf("source"));
    }
  });

  it("MLS-2.1.2-03 DEF-05 refuses every prefix, also when the input ends where the memory is zero", () => {
    const bytes = leafBytes({ credential: [...u16(2), ...vector(vector([1, 2]), vector([3]))] });
    for (let length = 0; length < bytes.length; length++) {
      expect(parse(bytes.subarray(0, length)).status).toBe(STATUS_MALFORMED);
    }
  });

  const malformed: [string, Partial<LeafParts>, keyof LeafParts][] = [
    [
      "MLS-2.1.2-01 a two-byte header for 32",
      { encryptionKey: [0x40, 32, ...new Array<number>(32).fill(1)] },
      "encryptionKey",
    ],
    ["MLS-2.1.2-01 a four-byte header for 2", { signature: [0x80, 0, 0, 2, 1, 1] }, "signature"],
    ["MLS-2.1.2-02 prefix 11", { signatureKey: [0xc0, 0, 0, 0] }, "signatureKey"],
    ["MLS-2.1.2-05 an odd list of versions", { versions: vector([0, 1, 0]) }, "versions"],
    ["MLS-2.1.2-05 an odd list of suites", { cipherSuites: vector([0]) }, "cipherSuites"],
    ["MLS-2.1.2-05 an odd list of extension types", { extensionTypes: vector([0, 9, 9]) }, "extensionTypes"],
    ["MLS-2.1.2-05 an odd list of proposal types", { proposals: vector([0, 9, 9]) }, "proposals"],
    ["MLS-2.1.2-05 an odd list of credential types", { credentials: vector([0, 1, 9]) }, "credentials"],
    ["MLS-2.1.2-03 a length of 2^30-1", { signature: [0xbf, 0xff, 0xff, 0xff, 1] }, "signature"],
  ];
  it.each(malformed)("%s is malformed", (_name, changes, field) => {
    const { status, words } = parse(leafBytes(changes));
    expect(status).toBe(STATUS_MALFORMED);
    expect(words[0]).toBe(offsetOf(field));
  });

  it("MLS-2.1.2-05 refuses certificates and extensions that do not end with their vector", () => {
    const certificates = (...bytes: number[]): Partial<LeafParts> => ({ credential: [...u16(2), ...vector(bytes)] });
    expect(parse(leafBytes(certificates())).status).toBeGreaterThan(0);
    expect(parse(leafBytes(certificates(1, 7, 0))).status).toBeGreaterThan(0);
    for (const bad of [
      [2, 7],
      [1, 7, 1],
      [0x40, 1, 7],
    ]) {
      expect(parse(leafBytes(certificates(...bad))).status).toBe(STATUS_MALFORMED);
    }
    for (const bad of [[0xf0], [0xf0, 1], [0xf0, 1, 1], [...extension(0xf001, [1]), 0]]) {
      expect(parse(leafBytes({ extensions: vector(bad) })).status).toBe(STATUS_MALFORMED);
    }
    // The data of this one reaches past the list, and a signature follows all the same.
    expect(parse(leafBytes({ extensions: [3, 0xf0, 1, 3, 7, 7, 7] })).status).toBe(STATUS_MALFORMED);
  });

  it("MLS-5.3-01 takes registered credential types and no others", () => {
    const own = new Engine();
    const bytes = leafBytes({ credential: [...u16(0xf00d), ...vector([1])] });
    const before = parse(bytes, own);
    expect(before.status).toBe(STATUS_UNSUPPORTED);
    expect(before.words[0]).toBe(offsetOf("credential"));
    expect(own.core.credentialTypeRegister(0xf00d)).toBe(STATUS_OK);
    expect(own.core.credentialTypeRegister(0xf00d)).toBe(STATUS_OK);
    expect(own.core.credentialTypeRegister(1)).toBe(STATUS_OK);
    const after = parse(bytes, own);
    expect(after.status).toBe(bytes.length);
    expect(after.words[layout.LEAF_CREDENTIAL_TYPE]).toBe(0xf00d);
    expect(parse(leafBytes({ credential: [...u16(0xf00e), ...vector([1])] }), own).status).toBe(STATUS_UNSUPPORTED);
    expect(parse(leafBytes({ credential: [0, 0, 0] }), own).status).toBe(STATUS_UNSUPPORTED);
    for (const type of [0, -1, 65536]) expect(own.core.credentialTypeRegister(type)).toBe(STATUS_ARGUMENT);
    for (let i = 0; i < 31; i++) expect(own.core.credentialTypeRegister(0xf100 + i)).toBe(STATUS_OK);
    expect(own.core.credentialTypeRegister(0xf200)).toBe(STATUS_LIMIT);
  });

  it("MLS-13.4-06 refuses an extension type that stands twice", () => {
    const extensions = [extension(0xf001, [1]), extension(0xf002, []), extension(0xf001, [1])];
    const { status, words } = parse(leafBytes({ extensions: vector(...extensions) }));
    expect(status).toBe(STATUS_EXTENSION);
    expect(words[0]).toBe(offsetOf("extensions") + 1 + 4 + 3);
  });

  it("MLS-17.3-01 DEF-07 refuses misplaced extensions before it looks at their bodies", () => {
    for (const type of [2, 3, 4, 5]) {
      const { status, words } = parse(leafBytes({ extensions: vector([...u16(type), 0xff]) }));
      expect(status).toBe(STATUS_EXTENSION);
      expect(words[0]).toBe(offsetOf("extensions") + 1);
    }
    for (const type of [1, 6, 0x0a0a, 0xffff]) {
      expect(parse(leafBytes({ extensions: vector(extension(type, [])) })).status).toBeGreaterThan(0);
    }
  });

  it("DEF-06 DEF-12 caps the extensions, the certificates and the leaf", () => {
    const chain = (n: number): Uint8Array =>
      leafBytes({ credential: [...u16(2), ...vector(new Array<number>(n).fill(0))] });
    expect(parse(chain(64)).status).toBeGreaterThan(0);
    expect(parse(chain(65)).status).toBe(STATUS_LIMIT);
    const many = (n: number): number[] => vector(...Array.from({ length: n }, (_, i) => extension(0x4000 + i, [])));
    expect(parse(leafBytes({ extensions: many(64) })).status).toBeGreaterThan(0);
    expect(parse(leafBytes({ extensions: many(65) })).status).toBe(STATUS_LIMIT);
    const rest = leafBytes({ extensions: [] }).length;
    const large = (n: number): Uint8Array =>
      leafBytes({ extensions: vector(extension(0xf001, new Array<number>(n - rest - 4 - 6).fill(0))) });
    expect(parse(large(layout.LEAF_LENGTH_LIMIT)).status).toBe(layout.LEAF_LENGTH_LIMIT);
    expect(parse(large(layout.LEAF_LENGTH_LIMIT + 1)).status).toBe(STATUS_LIMIT);
  });

  it("parses the leaf of every key package and update in messages.json", () => {
    const cases = loadVectors<{ mls_key_package: string; update_proposal: string }[]>("mls/messages.json");
    if (cases === undefined) return console.log("skipped: no vectors at hand");
    for (const { mls_key_package, update_proposal } of cases) {
      const update = hex(update_proposal);
      expect(parse(update).status).toBe(update.length);
      const keyPackage = hex(mls_key_package);
      const initKey = keyPackage[8]! < 0x40 ? 1 + keyPackage[8]! : 2 + ((keyPackage[8]! & 0x3f) << 8) + keyPackage[9]!;
      const leaf = keyPackage.subarray(8 + initKey);
      expect(parse(leaf).status).toBeGreaterThan(0);
    }
  });

  it("never reads past its input and never writes past its words, on any bytes", () => {
    const base = leafBytes();
    fc.assert(
      fc.property(fc.nat(base.length - 1), fc.nat(255), fc.nat(base.length), (at, value, length) => {
        const bytes = base.slice(0, length);
        if (at < length) bytes[at] = value;
        engine.frame((core, frame) => {
          const out = frame.take(4 * layout.LEAF_WORDS + 16);
          engine.bytes.fill(0xaa, out + 4 * layout.LEAF_WORDS, out + 4 * layout.LEAF_WORDS + 16);
          const zeroes = core.leafParse(frame.put(bytes), length, out);
          const padded = frame.put(Uint8Array.from([...bytes, ...new Array<number>(300).fill(1)]));
          expect(core.leafParse(padded, length, out)).toBe(zeroes);
          expect(zeroes).toBeLessThanOrEqual(length);
          const guard = engine.copyOut(out + 4 * layout.LEAF_WORDS, 16);
          expect(guard.every((byte) => byte === 0xaa)).toBe(true);
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe("leafCheck", () => {
  it("passes a good leaf", () => {
    expect(check(leafBytes())).toBe(0);
    expect(check(leafBytes({ extensions: vector() }))).toBe(0);
    expect(check(leafBytes({ source: [2] }))).toBe(0);
  });

  const rules: [string, Partial<LeafParts>, number][] = [
    ["MLS-10-04 encryption key of another length", { encryptionKey: vector([1]) }, layout.LEAF_RULE_ENCRYPTION_KEY],
    ["MLS-10-04 signature key of another length", { signatureKey: vector() }, layout.LEAF_RULE_SIGNATURE_KEY],
    ["MLS-7.2-05 version not listed", { versions: vector(u16(2, 0x0100)) }, layout.LEAF_RULE_VERSION],
    ["MLS-7.2-05 suite not listed", { cipherSuites: vector(u16(2)) }, layout.LEAF_RULE_SUITE],
    ["MLS-7.2-07 credential type not listed", { credentials: vector(u16(2)) }, layout.LEAF_RULE_CREDENTIAL_TYPE],
    ["MLS-7.2-06 MLS-7.3-17 extension not listed", { extensionTypes: vector() }, layout.LEAF_RULE_EXTENSION],
    ["MLS-7.2-06 extension type 0 not listed", { extensions: vector(extension(0, [])) }, layout.LEAF_RULE_EXTENSION],
    [
      "MLS-13.5-02 GREASE extension not listed",
      { extensions: vector(extension(0x2a2a, [])) },
      layout.LEAF_RULE_EXTENSION,
    ],
    ["MLS-7.2-10 lifetime ends before it begins", { source: lifetime(1n << 63n, 5n) }, layout.LEAF_RULE_LIFETIME_ORDER],
  ];
  it.each(rules)("%s", (_name, changes, rule) => {
    expect(check(leafBytes(changes))).toBe(rule);
  });

  it("MLS-7.2-03 MLS-7.2-04 tolerates listed defaults", () => {
    expect(check(leafBytes({ extensionTypes: vector(u16(1, 2, 5, 0xf001)), proposals: vector(u16(1, 7)) }))).toBe(0);
  });

  it("MLS-7.2-08 ignores unknown values in all lists", () => {
    const odd = [0x0a0a, 0xfafa, 0, 0xffff];
    expect(
      check(
        leafBytes({
          versions: vector(u16(...odd, 1)),
          cipherSuites: vector(u16(...odd, 1)),
          extensionTypes: vector(u16(...odd, 0xf001)),
          proposals: vector(u16(...odd)),
          credentials: vector(u16(...odd, 1)),
        }),
      ),
    ).toBe(0);
  });

  it("MLS-7.2-10 compares lifetimes as uint64", () => {
    expect(check(leafBytes({ source: lifetime(0n, NEVER) }))).toBe(0);
    expect(check(leafBytes({ source: lifetime(NEVER, NEVER) }))).toBe(0);
    expect(check(leafBytes({ source: lifetime(NEVER, 0n) }))).toBe(layout.LEAF_RULE_LIFETIME_ORDER);
    expect(check(leafBytes({ source: [1, ...u64(0x1_0000_0000n), ...u64(0xffff_ffffn)] }))).toBe(
      layout.LEAF_RULE_LIFETIME_ORDER,
    );
  });
});

describe("leafLifetime", () => {
  const bytes = leafBytes({ source: lifetime(1000n, 2000n) });

  it("MLS-7.2-11 bounds the length, or does not", () => {
    expect(lifetimeRule(bytes, 1000n)).toBe(0);
    expect(lifetimeRule(bytes, 999n)).toBe(layout.LEAF_RULE_LIFETIME_LENGTH);
    expect(lifetimeRule(leafBytes({ source: lifetime(0n, NEVER) }), NEVER)).toBe(0);
    expect(lifetimeRule(leafBytes({ source: lifetime(2n, 1n) }), NEVER)).toBe(layout.LEAF_RULE_LIFETIME_ORDER);
  });

  it("MLS-7.3-08 MLS-7.2-12 wants now inside, with the skew allowed at both ends", () => {
    for (const [now, skew, rule] of [
      [1000n, 0n, 0],
      [2000n, 0n, 0],
      [999n, 0n, layout.LEAF_RULE_EXPIRED],
      [2001n, 0n, layout.LEAF_RULE_EXPIRED],
      [990n, 10n, 0],
      [989n, 10n, layout.LEAF_RULE_EXPIRED],
      [2010n, 10n, 0],
      [2011n, 10n, layout.LEAF_RULE_EXPIRED],
      [0n, NEVER, 0],
    ] as const) {
      expect(lifetimeRule(bytes, NEVER, now, skew)).toBe(rule);
    }
  });

  it("MLS-7.3-16 asks nothing of leaves from updates and commits", () => {
    expect(lifetimeRule(leafBytes({ source: [2] }), 0n, 5n)).toBe(0);
    expect(lifetimeRule(leafBytes({ source: [3, 0] }), 0n, 5n)).toBe(0);
  });
});

describe("leafSupports", () => {
  const { LEAF_LIST_VERSIONS, LEAF_LIST_SUITES, LEAF_LIST_EXTENSIONS, LEAF_LIST_PROPOSALS, LEAF_LIST_CREDENTIALS } =
    layout;

  it("MLS-7.3-04 wants every value, with the default extensions and proposals implied", () => {
    const bytes = leafBytes();
    expect(supports(bytes, LEAF_LIST_EXTENSIONS, [])).toBe(1);
    expect(supports(bytes, LEAF_LIST_EXTENSIONS, [1, 2, 3, 4, 5, 0xf001, 0x1a1a])).toBe(1);
    expect(supports(bytes, LEAF_LIST_EXTENSIONS, [0xf001, 6])).toBe(0);
    expect(supports(bytes, LEAF_LIST_EXTENSIONS, [0])).toBe(0);
    expect(supports(bytes, LEAF_LIST_PROPOSALS, [1, 2, 3, 4, 5, 6, 7, 0xf002])).toBe(1);
    expect(supports(bytes, LEAF_LIST_PROPOSALS, [8])).toBe(0);
    expect(supports(bytes, LEAF_LIST_CREDENTIALS, [1, 2])).toBe(1);
    expect(supports(leafBytes({ credentials: vector(u16(1)) }), LEAF_LIST_CREDENTIALS, [2])).toBe(0);
    expect(supports(bytes, LEAF_LIST_VERSIONS, [1])).toBe(1);
    expect(supports(bytes, LEAF_LIST_VERSIONS, [2])).toBe(0);
    expect(supports(bytes, LEAF_LIST_SUITES, [1])).toBe(1);
    expect(supports(bytes, LEAF_LIST_SUITES, [3])).toBe(0);
    for (const list of [-1, 5]) expect(supports(bytes, list, [1])).toBe(STATUS_ARGUMENT);
  });

  it("forgets one leaf's list before the next, also after a refusal", () => {
    const rich = leafBytes({ credentials: vector(u16(1, 0x0100, 0x0101, 0xffff)) });
    expect(supports(rich, LEAF_LIST_CREDENTIALS, [0xffff, 0x0102])).toBe(0);
    for (const type of [0x0100, 0x0101, 0xffff]) expect(supports(leafBytes(), LEAF_LIST_CREDENTIALS, [type])).toBe(0);
  });
});
