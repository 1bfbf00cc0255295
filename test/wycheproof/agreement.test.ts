// Key agreement: X25519 in the core, X448 and ECDH by the plug-ins; each alone, and inside HPKE.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { decryptWithLabel, encryptWithLabel, generateHpkeKeyPair, isHpkeKey } from "../../bindings/crypto/hpke.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { cipherSuite, type CipherSuite } from "../../bindings/crypto/suite.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import { plugins } from "../support/official.ts";
import { type Answer, answerFile, type Count, hasFile } from "../support/wycheproof.ts";
import { x25519 } from "../support/x25519.ts";

interface Agreement {
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

interface AgreementFile {
  readonly suite: number;
  /** Bytes of a private key. */
  readonly length: number;
  readonly count: Count;
}

const files: Readonly<Record<string, AgreementFile>> = {
  x25519_test: { suite: 1, length: 32, count: { cases: 518, applicable: 518, accepted: 487, refused: 31 } },
  x448_test: { suite: 4, length: 56, count: { cases: 510, applicable: 510, accepted: 487, refused: 23 } },
  ecdh_secp256r1_ecpoint_test: {
    suite: 2,
    length: 32,
    count: { cases: 355, applicable: 355, accepted: 330, refused: 25 },
  },
  ecdh_secp384r1_ecpoint_test: {
    suite: 7,
    length: 48,
    count: { cases: 790, applicable: 790, accepted: 771, refused: 19 },
  },
  ecdh_secp521r1_ecpoint_test: {
    suite: 5,
    length: 66,
    count: { cases: 661, applicable: 661, accepted: 632, refused: 29 },
  },
};

const engine = new Engine();
const [label, context, plaintext] = ["Wycheproof", utf8("context"), utf8("plaintext")];

/** A scalar in `length` bytes: the files write those of ECDH as numbers, with more or fewer zeros before them. */
function scalar(text: string, length: number): Uint8Array {
  return hex(text.replace(/^(00)+/, "").padStart(2 * length, "0"));
}

/** The shared secret; undefined where the public key is refused. */
function agree({ plugin }: CipherSuite, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  if (plugin !== undefined) return plugin.kem.dh(privateKey, publicKey);
  const result = x25519(privateKey, publicKey);
  return typeof result === "number" ? undefined : result;
}

/** That HPKE takes a public key neither as the kem_output of a sender nor as the key of a receiver. */
function refusedByHpke(suite: CipherSuite, publicKey: Uint8Array): void {
  const receiver = generateHpkeKeyPair(suite, systemRandom);
  const { ciphertext } = encryptWithLabel(suite, receiver.publicKey, label, context, plaintext, systemRandom);
  const sealed = { kemOutput: publicKey, ciphertext };
  expect(() => decryptWithLabel(suite, receiver, label, context, sealed)).toThrow(
    expect.objectContaining({ code: "ERR_DECRYPT" }),
  );
  expect(() => encryptWithLabel(suite, publicKey, label, context, plaintext, systemRandom)).toThrow(
    expect.objectContaining({ code: "ERR_LEAF_NODE", rule: "MLS-5.1.1-01" }),
  );
}

/** That HPKE opens with the private key what it seals to the public one. */
function opens(suite: CipherSuite, bytes: Uint8Array, publicKey: Uint8Array): void {
  using privateKey = Secret.import(engine, bytes);
  const sealed = encryptWithLabel(suite, publicKey, label, context, plaintext, systemRandom);
  expect(decryptWithLabel(suite, { privateKey, publicKey }, label, context, sealed)).toEqual(plaintext);
}

describe.each(Object.entries(files))("%s", (file, { suite: id, length, count }) => {
  const suite = cipherSuite(engine, id, plugins);

  it.skipIf(!hasFile(file))(
    "answers every case as required (MLS-5.1.1-01)",
    () => {
      const answer = (test: Agreement): Answer => {
        const publicKey = hex(test.public);
        const shared = agree(suite, scalar(test.private, length), publicKey);
        if (shared === undefined) {
          refusedByHpke(suite, publicKey);
          return "refuse";
        }
        expect(toHex(shared)).toBe(test.shared);
        expect(isHpkeKey(suite, publicKey)).toBe(true);
        return "accept";
      };
      expect(answerFile<object, Agreement>(file, { answer: (_, test) => answer(test) })).toEqual(count);
    },
    300_000,
  );

  it("takes no public key of another length, and no point off the curve", () => {
    const { publicKey, privateKey } = generateHpkeKeyPair(suite, systemRandom);
    opens(suite, privateKey.export(), publicKey);
    const wrong = [new Uint8Array(0), publicKey.subarray(1), publicKey.subarray(0, -1), Uint8Array.of(...publicKey, 0)];
    if (suite.signature.startsWith("ecdsa")) {
      const x = publicKey.subarray(1, length + 1);
      wrong.push(
        publicKey.map((byte, i) => (i === publicKey.length - 1 ? byte ^ 1 : byte)),
        new Uint8Array(publicKey.length),
        new Uint8Array(publicKey.length).fill(0xff).fill(4, 0, 1),
        Uint8Array.of(2, ...x),
        Uint8Array.of(3, ...x),
        // The same point in the hybrid form of SEC 1, and the point at infinity.
        publicKey.map((byte, i) => (i === 0 ? 6 | (publicKey.at(-1) & 1) : byte)),
        Uint8Array.of(0),
      );
    } else {
      // Every u has its point, but these have low order.
      wrong.push(new Uint8Array(length), new Uint8Array(length).fill(1, 0, 1));
    }
    for (const key of wrong) {
      expect(agreesWithLength(suite, privateKey.export(), key)).toBeUndefined();
      refusedByHpke(suite, key);
    }
  });
});

/** As {@link agree}; the core's X25519 takes 32 bytes, and whoever calls it compares the length. */
function agreesWithLength(suite: CipherSuite, privateKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  return suite.plugin === undefined && key.length !== 32 ? undefined : agree(suite, privateKey, key);
}
