// After use no secret, and nothing it stood in, is left anywhere in the core's memory.
import { describe, expect, it } from "vitest";
import { Engine, type Frame } from "../../bindings/core/engine.ts";
import type { CoreExports } from "../../bindings/core/generated/exports.ts";
import { HASH_CONTEXT, HMAC_CONTEXT } from "../../bindings/core/generated/layout.ts";
import { toHex } from "../support/bytes.ts";
import { kdfs } from "../support/hash.ts";

const LENGTH = 64;
const secret = Uint8Array.from({ length: LENGTH }, (_, i) => 0x80 ^ (i * 37 + 11));

/** The forms in which working space holds the secret: plain and in both pads; in both byte orders. */
function traces(wordLength: number): Uint8Array[] {
  return [0, 0x36, 0x5c].flatMap((mask) => {
    const plain = secret.map((byte) => byte ^ mask);
    return [plain, plain.map((_, i) => plain[i - (i % wordLength) + wordLength - 1 - (i % wordLength)]!)];
  });
}

/** Where any 4 bytes of the traces, whole words, are found outside the areas given. */
function remains(engine: Engine, wordLength: number, areas: readonly (readonly [number, number])[]): string[] {
  const words = new Set<number>();
  for (const trace of traces(wordLength)) {
    const view = new DataView(trace.buffer);
    for (let i = 0; i < LENGTH; i += 4) words.add(view.getUint32(i, true));
  }
  const memory = new Uint32Array(engine.core.memory.buffer);
  const found: string[] = [];
  for (let i = 0; i < memory.length; i++) {
    const word = memory[i]!;
    if (word === 0 || !words.has(word)) continue;
    if (!areas.some(([from, to]) => i * 4 >= from && i * 4 < to)) found.push(`${i * 4}: ${word.toString(16)}`);
  }
  return found;
}

interface Use {
  name: string;
  run: (core: CoreExports, frame: Frame, kdf: number, at: number, dst: number) => void;
}

const uses: Use[] = [
  { name: "hash", run: (core, _, kdf, at, dst) => core.hash(kdf, dst, at, LENGTH) },
  {
    name: "hashBegin, hashUpdate, hashFinish",
    run: (core, frame, kdf, at, dst) => {
      const context = frame.take(HASH_CONTEXT);
      core.hashBegin(kdf, context);
      for (const [from, length] of [
        [0, 40],
        [40, 24],
      ] as const)
        core.hashUpdate(kdf, context, at + from, length);
      core.hashFinish(kdf, context, dst);
    },
  },
  {
    name: "hashMany",
    run: (core, frame, kdf, at, dst) => {
      const addresses = frame.put(new Uint8Array(Uint32Array.from([at, at + 4, at + 8, at + 12, at + 16]).buffer));
      const lengths = frame.put(new Uint8Array(Uint32Array.from([64, 60, 56, 52, 48]).buffer));
      for (let count = 0; count <= 5; count++) core.hashMany(kdf, count, dst, addresses, lengths);
    },
  },
  { name: "hmac", run: (core, _, kdf, at, dst) => core.hmac(kdf, dst, at, LENGTH, at, 9) },
  {
    name: "hmacBegin, hmacUpdate, hmacFinish",
    run: (core, frame, kdf, at, dst) => {
      const context = frame.take(HMAC_CONTEXT);
      core.hmacBegin(kdf, context, at, LENGTH);
      core.hmacUpdate(kdf, context, at, 31);
      core.hmacFinish(kdf, context, dst);
    },
  },
  { name: "hkdfExtract", run: (core, _, kdf, at, dst) => core.hkdfExtract(kdf, dst, 0, 0, at, LENGTH) },
  { name: "hkdfExpand", run: (core, _, kdf, at, dst) => void core.hkdfExpand(kdf, dst, 200, at, LENGTH, at, 5) },
  {
    name: "expandWithLabel",
    run: (core, _, kdf, at, dst) => void core.expandWithLabel(kdf, dst, 32, at, LENGTH, dst, 4, at, 20),
  },
  { name: "deriveSecret", run: (core, _, kdf, at, dst) => void core.deriveSecret(kdf, dst, at, dst, 4) },
  {
    name: "expandWithLabelMany",
    run: (core, _, kdf, at, dst) => {
      for (let count = 0; count <= 5; count++) {
        core.expandWithLabelMany(kdf, count, dst, 32, 32, at, 0, dst, 4, at, 20);
      }
    },
  },
];

describe.each(kdfs)("working space of $name", ({ kdf }) => {
  const wordLength = kdf === 1 ? 4 : 8;

  it.each(uses)("holds nothing after $name: no input, no output", ({ run }) => {
    const engine = new Engine();
    const outputs = engine.frame((core, frame) => {
      const at = frame.put(secret);
      const dst = frame.take(512);
      expect(remains(engine, wordLength, [])).not.toEqual([]); // the search finds the input
      run(core, frame, kdf, at, dst);
      expect(remains(engine, wordLength, [[at, at + LENGTH]])).toEqual([]);
      const output = engine.copyOut(dst, core.hashLength(kdf));
      expect(toHex(output)).not.toMatch(/^0*$/);
      engine.bytes.fill(0, dst, dst + 512);
      engine.bytes.fill(0, at, at + LENGTH);
      return new Set(new Uint32Array(output.buffer, 0, output.length >> 2));
    });
    const memory = new Uint32Array(engine.core.memory.buffer);
    const swapped = new Set([...outputs].map((word) => new DataView(Uint32Array.of(word).buffer).getUint32(0, false)));
    expect(memory.findIndex((word) => word !== 0 && (outputs.has(word) || swapped.has(word)))).toBe(-1);
  });
});
