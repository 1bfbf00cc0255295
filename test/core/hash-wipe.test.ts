// After use nothing that depends on a secret is left anywhere in the core's memory: with the input and
// the output cleared, two engines that worked on different secrets are equal to the last byte.
import { describe, expect, it } from "vitest";
import { Engine, type Frame } from "../../bindings/core/engine.ts";
import type { CoreExports } from "../../bindings/core/generated/exports.ts";
import { HASH_CONTEXT, HMAC_CONTEXT } from "../../bindings/core/generated/layout.ts";
import { kdfs } from "../support/hash.ts";

// Not a multiple of a block, so that the last block holds bytes of the secret.
const LENGTH = 72;
const OUTPUT_LENGTH = 512;
const secrets = [0, 0xff].map((mask) => Uint8Array.from({ length: LENGTH }, (_, i) => mask ^ (i * 37 + 11)));

interface Use {
  name: string;
  run: (core: CoreExports, frame: Frame, kdf: number, at: number, dst: number, label: number) => void;
}

const uses: Use[] = [
  { name: "hash", run: (core, _, kdf, at, dst) => core.hash(kdf, dst, at, LENGTH) },
  {
    name: "hashBegin, hashUpdate, hashFinish",
    run: (core, frame, kdf, at, dst) => {
      const context = frame.take(HASH_CONTEXT);
      core.hashBegin(kdf, context);
      core.hashUpdate(kdf, context, at, 40);
      core.hashUpdate(kdf, context, at + 40, LENGTH - 40);
      core.hashFinish(kdf, context, dst);
    },
  },
  ...[1, 2, 3, 4, 5].map((count) => ({
    name: `hashMany of ${count}`,
    run: (core: CoreExports, frame: Frame, kdf: number, at: number, dst: number): void => {
      const addresses = frame.put(new Uint8Array(Uint32Array.from([at, at + 4, at + 8, at + 12, at + 16]).buffer));
      const lengths = frame.put(new Uint8Array(Uint32Array.from([72, 60, 56, 52, 48]).buffer));
      core.hashMany(kdf, count, dst, addresses, lengths);
    },
  })),
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
    name: "hkdfExpand of nothing",
    run: (core, _, kdf, at, dst) => void core.hkdfExpand(kdf, dst, 0, at, LENGTH, at, 5),
  },
  {
    name: "expandWithLabel",
    run: (core, _, kdf, at, dst, label) => void core.expandWithLabel(kdf, dst, 32, at, LENGTH, label, 4, at, 20),
  },
  {
    name: "expandWithLabel of nothing",
    run: (core, _, kdf, at, dst, label) => void core.expandWithLabel(kdf, dst, 0, at, LENGTH, label, 4, at, 20),
  },
  { name: "deriveSecret", run: (core, _, kdf, at, dst, label) => void core.deriveSecret(kdf, dst, at, label, 4) },
  ...[1, 2, 3, 4, 5].map((count) => ({
    name: `expandWithLabelMany of ${count}`,
    run: (core: CoreExports, _: Frame, kdf: number, at: number, dst: number, label: number): void => {
      core.expandWithLabelMany(kdf, count, dst, 32, 32, at, 0, label, 4, at, 20);
    },
  })),
];

/** The words of memory after `use` on `secret`, and again after its input and output were cleared. */
function memoryAfter(use: Use, kdf: number, secret: Uint8Array): [Uint32Array, Uint32Array] {
  const engine = new Engine();
  return engine.frame((core, frame) => {
    const label = frame.take(16);
    const at = frame.put(secret);
    const dst = frame.take(OUTPUT_LENGTH);
    use.run(core, frame, kdf, at, dst, label);
    const before = new Uint32Array(core.memory.buffer.slice(0));
    engine.bytes.fill(0, at, at + LENGTH);
    engine.bytes.fill(0, dst, dst + OUTPUT_LENGTH);
    return [before, new Uint32Array(core.memory.buffer.slice(0))];
  });
}

function firstDifference(a: Uint32Array, b: Uint32Array): number {
  return a.findIndex((word, i) => word !== b[i]);
}

describe.each(kdfs)("working space of $name", ({ kdf }) => {
  it.each(uses)("holds nothing after $name", (use) => {
    const [a, b] = secrets.map((secret) => memoryAfter(use, kdf, secret));
    expect(a![0].length).toBe(b![0].length);
    expect(firstDifference(a![0], b![0])).not.toBe(-1);
    expect(firstDifference(a![1], b![1])).toBe(-1);
  });
});
