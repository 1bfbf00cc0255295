// AEADs, HMAC and HKDF in the core.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { AEAD_AES128GCM, AEAD_AES256GCM, AEAD_CHACHA20POLY1305 } from "../../bindings/core/generated/layout.ts";
import { STATUS_ARGUMENT, STATUS_DECRYPT, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { verifyMac } from "../../bindings/crypto/hash.ts";
import { open, seal } from "../support/aead.ts";
import { hex, toHex } from "../support/bytes.ts";
import { hkdfExpand, hkdfExtract, hmac, kdfs } from "../support/hash.ts";
import { symmetricSuite } from "../support/suites.ts";
import { type Answer, answerFile, type Count, hasFile } from "../support/wycheproof.ts";

const engine = new Engine();

interface AeadGroup {
  readonly ivSize: number;
  readonly keySize: number;
  readonly tagSize: number;
}

interface AeadCase {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

interface AeadFile {
  /** By the bits of the key. */
  readonly aeads: Readonly<Record<number, number>>;
  readonly count: Count;
}

const aeadFiles: Readonly<Record<string, AeadFile>> = {
  aes_gcm_test: {
    aeads: { 128: AEAD_AES128GCM, 256: AEAD_AES256GCM },
    count: { cases: 316, applicable: 133, accepted: 79, refused: 54 },
  },
  chacha20_poly1305_test: {
    aeads: { 256: AEAD_CHACHA20POLY1305 },
    count: { cases: 325, applicable: 316, accepted: 256, refused: 60 },
  },
};

describe.each(Object.entries(aeadFiles))("%s", (file, { aeads, count }) => {
  it.skipIf(!hasFile(file))("answers every case as required", () => {
    const result = answerFile<AeadGroup, AeadCase>(file, {
      notApplicable: ({ ivSize, keySize, tagSize }) => {
        if (aeads[keySize] === undefined) return `keys of ${keySize} bits are in no cipher suite`;
        if (ivSize !== 96) return "MLS has nonces of 96 bits only";
        return tagSize === 128 ? undefined : "MLS has tags of 128 bits only";
      },
      answer: ({ keySize }, { key, iv, aad, msg, ct, tag }): Answer => {
        const inputs = [engine, aeads[keySize]!, hex(key), hex(iv), hex(aad)] as const;
        const { status, bytes } = open(...inputs, hex(ct + tag));
        const isSame = toHex(seal(...inputs, hex(msg))) === ct + tag;
        expect(status).toBe(isSame ? STATUS_OK : STATUS_DECRYPT);
        if (isSame) expect(toHex(bytes)).toBe(msg);
        return isSame ? "accept" : "refuse";
      },
    });
    expect(result).toEqual(count);
  });
});

interface HmacCase {
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
}

interface HkdfCase {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
}

/** A suite with this KDF. */
const suiteOf: Readonly<Record<string, number>> = { sha256: 1, sha384: 7, sha512: 4 };

/** 33 of the 66 valid tags are truncated. */
const hmacCount: Count = { cases: 174, applicable: 174, accepted: 33, refused: 141 };

const hkdfCounts: Readonly<Record<string, Count>> = {
  sha256: { cases: 86, applicable: 86, accepted: 83, refused: 3 },
  sha384: { cases: 83, applicable: 83, accepted: 80, refused: 3 },
  sha512: { cases: 83, applicable: 83, accepted: 80, refused: 3 },
};

describe.each(kdfs)("HMAC and HKDF with $name", ({ kdf, digest, name }) => {
  const [hmacFile, hkdfFile] = [`hmac_${name}_test`, `hkdf_${name}_test`];

  it.skipIf(!hasFile(hmacFile))("HMAC: answers every case as required, and takes no truncated tag (MLS-6.2-05)", () => {
    const suite = symmetricSuite(engine, suiteOf[name]!);
    const verifies = (key: string, message: string, tag: string): boolean => {
      using secret = Secret.import(engine, hex(key));
      try {
        verifyMac(suite, secret, hex(message), hex(tag));
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_MAC" });
        return false;
      }
    };
    const result = answerFile<{ readonly tagSize: number }, HmacCase>(hmacFile, {
      isTruncated: ({ tagSize }) => tagSize !== 8 * digest,
      answer: ({ tagSize }, { key, msg, tag, result }) => {
        // Also of what MLS refuses, the MAC that was truncated is right.
        const begins = toHex(hmac(kdf, hex(key), hex(msg))).slice(0, tagSize / 4) === tag;
        expect(begins).toBe(result === "valid");
        return verifies(key, msg, tag) ? "accept" : "refuse";
      },
    });
    expect(result).toEqual(hmacCount);
  });

  it.skipIf(!hasFile(hkdfFile))("HKDF: answers every case as required", () => {
    const result = answerFile<object, HkdfCase>(hkdfFile, {
      answer: (_, { ikm, salt, info, size, okm }) => {
        const output = hkdfExpand(kdf, hkdfExtract(kdf, hex(salt), hex(ikm)), hex(info), size);
        if (output === STATUS_ARGUMENT) return "refuse";
        expect(toHex(output as Uint8Array)).toBe(okm);
        return "accept";
      },
    });
    expect(result).toEqual(hkdfCounts[name]);
  });
});
