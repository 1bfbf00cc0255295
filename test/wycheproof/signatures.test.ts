// Signatures: Ed25519 in the core, Ed448 and ECDSA, in DER, by the plug-ins.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import {
  generateSignatureKeyPair,
  isSignatureKey,
  signWithLabel,
  verifyWithLabel,
} from "../../bindings/crypto/signature.ts";
import { cipherSuite, type CipherSuite } from "../../bindings/crypto/suite.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { verify as verifyEd25519 } from "../support/ed25519.ts";
import { plugins } from "../support/official.ts";
import { answerFile, type Count, hasFile } from "../support/wycheproof.ts";

interface Group {
  readonly publicKey: { readonly pk: string } | { readonly uncompressed: string };
}

interface Signature {
  readonly msg: string;
  readonly sig: string;
}

const files: Readonly<Record<string, { suite: number; count: Count }>> = {
  ed25519_test: { suite: 1, count: { cases: 151, applicable: 151, accepted: 88, refused: 63 } },
  ed448_test: { suite: 4, count: { cases: 87, applicable: 87, accepted: 17, refused: 70 } },
  ecdsa_secp256r1_sha256_test: { suite: 2, count: { cases: 484, applicable: 484, accepted: 174, refused: 310 } },
  ecdsa_secp384r1_sha384_test: { suite: 7, count: { cases: 504, applicable: 504, accepted: 194, refused: 310 } },
  ecdsa_secp521r1_sha512_test: { suite: 5, count: { cases: 542, applicable: 542, accepted: 232, refused: 310 } },
};

const engine = new Engine();
const ED25519_LENGTH = 64;

function verify(suite: CipherSuite, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (suite.plugin !== undefined) return suite.plugin.signatureScheme.verify(publicKey, message, signature);
  // The core takes 64 bytes; whoever calls it compares the length.
  if (signature.length !== ED25519_LENGTH) return verifiesWithLabel(suite, publicKey, message, signature);
  return verifyEd25519(engine, { publicKey, message, signature }) === STATUS_OK;
}

function verifiesWithLabel(suite: CipherSuite, key: Uint8Array, content: Uint8Array, signature: Uint8Array): boolean {
  try {
    verifyWithLabel(suite, key, "Wycheproof", content, signature);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_SIGNATURE" });
    return false;
  }
}

describe.each(Object.entries(files))("%s", (file, { suite: id, count }) => {
  const suite = cipherSuite(engine, id, plugins);

  it.skipIf(!hasFile(file))(
    "answers every case as required (MLS-5.1.2-02)",
    () => {
      const result = answerFile<Group, Signature>(file, {
        answer: ({ publicKey }, { msg, sig }) => {
          const key = hex("pk" in publicKey ? publicKey.pk : publicKey.uncompressed);
          expect(isSignatureKey(suite, key)).toBe(true);
          return verify(suite, key, hex(msg), hex(sig)) ? "accept" : "refuse";
        },
      });
      expect(result).toEqual(count);
    },
    300_000,
  );

  it("verifies no signature of another length or encoding, and under no other key", () => {
    const keyPair = generateSignatureKeyPair(suite, systemRandom);
    const { publicKey } = keyPair;
    const message = utf8("a message");
    const signature = signWithLabel(suite, keyPair, "Wycheproof", message);
    expect(verifiesWithLabel(suite, publicKey, message, signature)).toBe(true);
    const wrong = [
      new Uint8Array(0),
      signature.subarray(1),
      signature.subarray(0, -1),
      Uint8Array.of(...signature, 0),
      Uint8Array.of(...signature, ...signature),
      new Uint8Array(signature.length),
    ];
    if (suite.signature.startsWith("ecdsa")) wrong.push(...otherEncodings(signature));
    for (const other of wrong) expect(verifiesWithLabel(suite, publicKey, message, other)).toBe(false);
    const keys = [new Uint8Array(0), publicKey.subarray(1), Uint8Array.of(...publicKey, 0)];
    for (const key of keys) {
      expect(isSignatureKey(suite, key)).toBe(false);
      expect(verifiesWithLabel(suite, key, message, signature)).toBe(false);
    }
  });
});

/** An ECDSA signature as r‖s, and in BER that DER forbids: an indefinite length, a long length, a leading zero. */
function otherEncodings(der: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const start = der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f);
  const body = der.subarray(start);
  const r = body.subarray(2, 2 + body[1]!);
  const s = body.subarray(4 + body[1]!);
  const sequence = (content: readonly number[]): Uint8Array<ArrayBuffer> =>
    Uint8Array.of(0x30, ...(content.length < 0x80 ? [content.length] : [0x81, content.length]), ...content);
  expect(sequence([...body])).toEqual(der);
  return [
    Uint8Array.of(...r, ...s),
    Uint8Array.of(0x30, 0x80, ...body, 0, 0),
    Uint8Array.of(0x30, 0x82, 0, body.length, ...body),
    sequence([0x02, r.length + 1, 0, ...r, 0x02, s.length, ...s]),
    sequence([0x02, r.length, ...r, 0x02, s.length + 1, 0, ...s]),
    sequence([...body, 0x05, 0x00]),
    Uint8Array.of(0x31, ...der.subarray(1)),
  ];
}
