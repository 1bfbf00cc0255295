// Poly1305 takes the blocks of long input in four lanes, whose sums may be negative before they are brought together.
// Random input never comes near that; here the last block of every lane is chosen so that its lane's sum is small.
import { chacha20, chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { AEAD_CHACHA20POLY1305 } from "../../bindings/core/generated/layout.ts";
import { seal, seededBytes } from "../support/aead.ts";
import { toHex } from "../support/bytes.ts";

const P = 2n ** 130n - 5n;
const BLOCKS = 128;
const engine = new Engine();

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function modulo(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** The number that a block stands for: 16 bytes and a bit above them. */
function blockAt(bytes: Uint8Array, index: number): bigint {
  return littleEndian(bytes.subarray(16 * index, 16 * index + 16)) + 2n ** 128n;
}

/** r of the one-time key of RFC 8439 section 2.6. */
function clampedR(key: Uint8Array, nonce: Uint8Array): bigint {
  return littleEndian(chacha20(key, nonce, new Uint8Array(16))) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
}

/**
 * Associated data of 128 blocks, in which as many lanes as can have it have the sum `wanted` mod p; how many
 * they are. Only a sum whose last block is one of 16 bytes can be had.
 */
function withSums(key: Uint8Array, nonce: Uint8Array, wanted: bigint, run: number): { aad: Uint8Array; lanes: number } {
  const aad = seededBytes(run, 16 * BLOCKS);
  const r = clampedR(key, nonce);
  const r4 = modulo(modulo(r * r) * modulo(r * r));
  let lanes = 0;
  for (let lane = 0; lane < 4; lane++) {
    let sum = 0n;
    for (let block = lane; block < BLOCKS - 4; block += 4) sum = modulo((sum + blockAt(aad, block)) * r4);
    const last = modulo(wanted - sum);
    if (last >> 128n !== 1n) continue;
    const at = 16 * (BLOCKS - 4 + lane);
    for (let i = 0; i < 16; i++) aad[at + i] = Number((last >> BigInt(8 * i)) & 255n);
    lanes++;
  }
  return { aad, lanes };
}

describe("Poly1305 in four lanes", () => {
  it("agrees with another implementation where a lane's sum is next to zero, on both sides", () => {
    const message = seededBytes(1, 20);
    let lanes = 0;
    for (let run = 0; run < 150; run++) {
      const [key, nonce] = [seededBytes(run, 32), seededBytes(run + 1, 12)];
      for (const wanted of [0n, 1n, -1n, 5n, -5n, 2n ** 13n, -(2n ** 13n), 2n ** 26n, -(2n ** 26n), -(2n ** 117n)]) {
        const chosen = withSums(key, nonce, wanted, run);
        lanes += chosen.lanes;
        const sealed = seal(engine, AEAD_CHACHA20POLY1305, key, nonce, chosen.aad, message);
        const expected = chacha20poly1305(key, nonce, chosen.aad).encrypt(message);
        if (toHex(sealed) !== toHex(expected)) expect(toHex(sealed), `${wanted}, run ${run}`).toBe(toHex(expected));
      }
    }
    expect(lanes).toBeGreaterThan(1000);
  });
});
