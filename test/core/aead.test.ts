import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { gcm } from "@noble/ciphers/aes.js";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { AEAD_CHACHA20POLY1305 } from "../../bindings/core/generated/layout.ts";
import { STATUS_DECRYPT, STATUS_OK, STATUS_UNSUPPORTED } from "../../bindings/core/generated/status.ts";
import { aeads, open, seal, seededBytes } from "../support/aead.ts";
import { toHex } from "../support/bytes.ts";

const engine = new Engine();

function peer(aead: number, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array) {
  return aead === AEAD_CHACHA20POLY1305 ? chacha20poly1305(key, nonce, aad) : gcm(key, nonce, aad);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

describe("aead: the suites' AEADs", () => {
  it("knows the key lengths and refuses other identifiers", () => {
    for (const { aead, keyLength } of aeads) expect(engine.core.aeadKeyLength(aead)).toBe(keyLength);
    for (const aead of [0, 4, -1, 0xffff]) {
      expect(engine.core.aeadKeyLength(aead)).toBe(0);
      engine.frame((core, frame) => {
        const at = frame.take(64);
        expect(core.aeadSeal(aead, at, at, at, at, 0, at, 0)).toBe(STATUS_UNSUPPORTED);
        expect(core.aeadOpen(aead, at, at, at, at, 0, at, 16)).toBe(STATUS_UNSUPPORTED);
      });
    }
  });
});

describe.each(aeads)("aead: $name", ({ aead, keyLength }) => {
  const key = seededBytes(aead, keyLength);
  const nonce = seededBytes(aead + 10, 12);

  it("agrees with another implementation at all lengths to 300 and some long ones", () => {
    const lengths = [...Array.from({ length: 301 }, (_, i) => i), 1023, 4096, 65_535, 65_536, 65_553];
    for (const length of lengths) {
      const message = seededBytes(length, length);
      const aad = seededBytes(length + 1, (length * 7) % 97);
      const [k, n] = [seededBytes(length + 2, keyLength), seededBytes(length + 3, 12)];
      const expected = peer(aead, k, n, aad).encrypt(message);
      for (const inPlace of [false, true]) {
        const sealed = seal(engine, aead, k, n, aad, message, inPlace);
        // Hex only on failure: comparing is much of the time otherwise.
        if (!same(sealed, expected)) expect(toHex(sealed)).toBe(toHex(expected));
        const opened = open(engine, aead, k, n, aad, sealed, inPlace);
        expect(opened.status).toBe(STATUS_OK);
        if (!same(opened.bytes, message)) expect(toHex(opened.bytes)).toBe(toHex(message));
      }
    }
  });

  it("takes every length of associated data", () => {
    const message = seededBytes(5, 20);
    for (let length = 0; length <= 80; length++) {
      const aad = seededBytes(length, length);
      const sealed = seal(engine, aead, key, nonce, aad, message);
      expect(toHex(sealed)).toBe(toHex(peer(aead, key, nonce, aad).encrypt(message)));
      expect(open(engine, aead, key, nonce, aad, sealed).status).toBe(STATUS_OK);
    }
  });

  it("survives extreme keys and messages: all zeros, all ones, single bits", () => {
    const fills = [0x00, 0xff, 0x01, 0x80];
    for (const k of fills) {
      for (const m of fills) {
        const args = [
          new Uint8Array(keyLength).fill(k),
          new Uint8Array(12).fill(m),
          new Uint8Array(33).fill(m),
        ] as const;
        const message = new Uint8Array(210).fill(m ^ k);
        expect(toHex(seal(engine, aead, ...args, message))).toBe(toHex(peer(aead, ...args).encrypt(message)));
      }
    }
  });

  it("takes long associated data of every length around where many blocks are taken together, under many keys", () => {
    const message = seededBytes(5, 20);
    for (let length = 2032; length <= 2128; length++) {
      for (const fill of [undefined, 0x00, 0xff]) {
        const aad = fill === undefined ? seededBytes(length, length) : new Uint8Array(length).fill(fill);
        const [k, n] = [seededBytes(length + (fill ?? 7), keyLength), seededBytes(length, 12)];
        expect(toHex(seal(engine, aead, k, n, aad, message))).toBe(toHex(peer(aead, k, n, aad).encrypt(message)));
      }
    }
  });

  it("refuses every changed byte of tag, ciphertext, associated data, nonce and key, and releases nothing", () => {
    for (const length of [0, 1, 40, 150]) {
      const message = seededBytes(length, length);
      const aad = seededBytes(7, 19);
      const sealed = seal(engine, aead, key, nonce, aad, message);
      const parts = { key, nonce, aad, sealed };
      for (const part of ["key", "nonce", "aad", "sealed"] as const) {
        for (let i = 0; i < parts[part].length; i++) {
          const changed = { ...parts, [part]: parts[part].slice() };
          changed[part][i]! ^= 1 << (i & 7);
          const apart = open(engine, aead, changed.key, changed.nonce, changed.aad, changed.sealed);
          expect(apart.status).toBe(STATUS_DECRYPT);
          expect(apart.bytes.every((byte) => byte === 0xee)).toBe(true);
          const inPlace = open(engine, aead, changed.key, changed.nonce, changed.aad, changed.sealed, true);
          expect(inPlace.status).toBe(STATUS_DECRYPT);
          expect(toHex(inPlace.bytes)).toBe(toHex(changed.sealed.subarray(0, length)));
        }
      }
    }
  });

  it("refuses truncated input and moved boundaries", () => {
    const message = seededBytes(1, 40);
    const aad = seededBytes(2, 16);
    const sealed = seal(engine, aead, key, nonce, aad, message);
    for (let length = 0; length < sealed.length; length++) {
      expect(open(engine, aead, key, nonce, aad, sealed.subarray(0, length)).status).toBe(STATUS_DECRYPT);
    }
    const longer = new Uint8Array([...sealed, 0]);
    expect(open(engine, aead, key, nonce, aad, longer).status).toBe(STATUS_DECRYPT);
    expect(open(engine, aead, key, nonce, new Uint8Array([...aad, 0]), sealed).status).toBe(STATUS_DECRYPT);
    const split = seal(engine, aead, key, nonce, aad, new Uint8Array(0));
    expect(open(engine, aead, key, nonce, new Uint8Array(0), new Uint8Array([...aad, ...split])).status).toBe(
      STATUS_DECRYPT,
    );
  });

  it("writes nothing beyond its output", () => {
    for (const length of [0, 1, 16, 33, 96, 97, 130, 255]) {
      engine.frame((core, frame) => {
        const [k, n, m] = [frame.put(key), frame.put(nonce), frame.put(seededBytes(length, length))];
        const room = frame.take(length + 16 + 64) + 32;
        engine.bytes.fill(0x5a, room - 32, room + length + 48);
        core.aeadSeal(aead, room, k, n, 0, 0, m, length);
        const around = [room - 32, room + length + 16].map((at) => engine.copyOut(at, 32));
        expect(around.every((bytes) => bytes.every((byte) => byte === 0x5a))).toBe(true);
        const back = frame.take(length + 64) + 32;
        engine.bytes.fill(0x5a, back - 32, back + length + 32);
        expect(core.aeadOpen(aead, back, k, n, 0, 0, room, length + 16)).toBe(STATUS_OK);
        const aroundBack = [back - 32, back + length].map((at) => engine.copyOut(at, 32));
        expect(aroundBack.every((bytes) => bytes.every((byte) => byte === 0x5a))).toBe(true);
      });
    }
  });

  it.each([20, 5000])("leaves nothing of a message of %i bytes in the core's memory but the result", (length) => {
    // All of memory is compared: what was used and not wiped would show, whatever it was.
    const fresh = new Engine();
    const message = seededBytes(9, length);
    const sealed = seal(engine, aead, key, nonce, nonce, message);
    fresh.frame((core, frame) => {
      const [k, n, wrong] = [frame.put(key), frame.put(nonce), frame.put(sealed)];
      fresh.bytes[wrong]! ^= 1;
      const [p, c] = [frame.put(message), frame.take(length + 16)];
      const before = fresh.copyOut(0, fresh.bytes.length);
      expect(core.aeadSeal(aead, c, k, n, n, 12, p, length)).toBe(STATUS_OK);
      before.set(sealed, c);
      expect(same(before, fresh.bytes)).toBe(true);
      expect(core.aeadOpen(aead, p, k, n, n, 12, wrong, length + 16)).toBe(STATUS_DECRYPT);
      expect(same(before, fresh.bytes)).toBe(true);
      expect(core.aeadOpen(aead, p, k, n, n, 12, c, length + 16)).toBe(STATUS_OK);
      expect(same(before, fresh.bytes)).toBe(true);
    });
  });
});
