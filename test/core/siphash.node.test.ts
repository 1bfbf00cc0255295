// SipHash-1-3 against a second implementation, which is first held against the answer that the paper on SipHash gives for
// SipHash-2-4. The core exports no hash of its own, so its source is compiled alone.
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, it } from "vitest";
import { seededBytes } from "../support/aead.ts";

interface Alone {
  readonly memory: WebAssembly.Memory;
  readonly siphash: (seed: number, bytes: number, length: number) => bigint;
}

let alone: Alone;

beforeAll(async () => {
  let binary: BufferSource | undefined;
  // From its own directory, where no asconfig.json adds the rest of the core.
  const options = ["siphash.ts", "--baseDir", "assembly/tree", "--outFile", "siphash.wasm", "--runtime", "stub"];
  const { error } = await asc.main(options, {
    writeFile: (name, contents) => {
      if (name === "siphash.wasm") binary = contents as Uint8Array<ArrayBuffer>;
    },
  });
  if (binary === undefined) throw error ?? new Error("nothing was compiled");
  const { instance } = await WebAssembly.instantiate(binary, {});
  alone = instance.exports as unknown as Alone;
  alone.memory.grow(1);
}, 60_000);

function word(bytes: Uint8Array, at: number): bigint {
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  return value;
}

/** SipHash-c-d, as the paper puts it. */
function sipHash(c: number, d: number, key: Uint8Array, message: Uint8Array): bigint {
  const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
  const rotated = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by));
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let [v0, v1] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
  let [v2, v3] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v0 = u64(v0 + v1);
      v1 = rotated(v1, 13n) ^ v0;
      v0 = rotated(v0, 32n);
      v2 = u64(v2 + v3);
      v3 = rotated(v3, 16n) ^ v2;
      v0 = u64(v0 + v3);
      v3 = rotated(v3, 21n) ^ v0;
      v2 = u64(v2 + v1);
      v1 = rotated(v1, 17n) ^ v2;
      v2 = rotated(v2, 32n);
    }
  };
  const padded = new Uint8Array((message.length & ~7) + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 255;
  for (let at = 0; at < padded.length; at += 8) {
    const m = word(padded, at);
    v3 ^= m;
    rounds(c);
    v0 ^= m;
  }
  v2 ^= 0xffn;
  rounds(d);
  return v0 ^ v1 ^ v2 ^ v3;
}

function ofCore(key: Uint8Array, message: Uint8Array): bigint {
  const memory = new Uint8Array(alone.memory.buffer);
  const [seed, at] = [1024, 2048];
  memory.fill(0xee, at - 8, at + message.length + 8); // what stands around a message is no part of it
  memory.set(key, seed);
  memory.set(message, at);
  return BigInt.asUintN(64, alone.siphash(seed, at, message.length));
}

describe("SipHash-1-3", () => {
  it("has a second implementation that gives the paper's answer for SipHash-2-4", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
    expect(sipHash(2, 4, bytes, bytes.subarray(0, 15))).toBe(0xa129ca6149be45e5n);
  });

  it("agrees with it at every length to 80 and some more", () => {
    for (const length of [...Array.from({ length: 81 }, (_, i) => i), 255, 256, 257, 1000]) {
      for (const run of [0, 1, 2]) {
        const key = run === 0 ? new Uint8Array(16) : seededBytes(length + 1000 * run, 16);
        const message = run === 1 ? new Uint8Array(length).fill(0xff) : seededBytes(length + run, length);
        expect(ofCore(key, message)).toBe(sipHash(1, 3, key, message));
      }
    }
  });
});
