import { createHash } from "node:crypto";
import type { RandomSource } from "../bindings/crypto/random.ts";
import { Tools, type VectorKind } from "./kind.ts";

/** Random bytes that a seed determines: for vectors that can be made again, never for keys of anybody. */
export function seededRandom(seed: string): RandomSource {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = createHash("sha256").update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, length - at), at);
    }
    return bytes;
  };
}

/** Fresh cases of one kind and suite; the same ones for the same seed. */
export function generateCases(kind: VectorKind, suite: number, count: number, seed?: string): object[] {
  const tools = seed === undefined ? new Tools() : new Tools(seededRandom(seed));
  return Array.from({ length: count }, (_, index) => kind.generate(tools.suite(suite), tools, index));
}
