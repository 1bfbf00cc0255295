import { expandWithLabel, labelBytes, sealUnder } from "../bindings/crypto/hash.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import type { Secret } from "../bindings/core/secret.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { SecretTree } from "../bindings/schedule/ratchet.ts";
import { hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";

interface Generation {
  readonly generation: number;
  readonly application_key: string;
  readonly application_nonce: string;
  readonly handshake_key: string;
  readonly handshake_nonce: string;
}

interface SecretTreeVector {
  readonly cipher_suite: number;
  readonly sender_data: { sender_data_secret: string; ciphertext: string; key: string; nonce: string };
  readonly encryption_secret: string;
  readonly leaves: readonly (readonly Generation[])[];
}

const ratchets = ["handshake", "application"] as const;
const noGuard = new Uint8Array(4);
const nothing = new Uint8Array(0);
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** What is sealed under a key of the vector must open where the tree holds the same key. */
function seal({ engine, aead }: CipherSuite, key: string, nonce: string, plaintext: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(plaintext.length + TAG_LENGTH);
    const [keyAt, nonceAt, from] = [frame.put(hex(key)), frame.put(hex(nonce)), frame.put(plaintext)];
    core.aeadSeal(aead, dst, keyAt, nonceAt, from, 0, from, plaintext.length);
    return engine.copyOut(dst, plaintext.length + TAG_LENGTH);
  });
}

/** The secret tree by the letter of section 9, one leaf after the other: what vectors are generated from. */
function leafSecrets(suite: CipherSuite, node: Secret, leafCount: number): Secret[] {
  if (leafCount === 1) return [node];
  return ["left", "right"].flatMap((side) => {
    const child = expandWithLabel(suite, node, "tree", labelBytes(side), suite.hashLength);
    return leafSecrets(suite, child, leafCount / 2);
  });
}

function* generations(suite: CipherSuite, leaf: Secret, ratchet: string): Generator<{ key: string; nonce: string }> {
  let secret = expandWithLabel(suite, leaf, ratchet, nothing, suite.hashLength);
  for (let generation = 0; ; generation++) {
    const context = new Uint8Array(4);
    new DataView(context.buffer).setUint32(0, generation);
    const derive = (label: string, length: number): Secret => expandWithLabel(suite, secret, label, context, length);
    yield {
      key: toHex(derive("key", suite.aeadKeyLength).export()),
      nonce: toHex(derive("nonce", NONCE_LENGTH).export()),
    };
    secret = derive("secret", suite.hashLength);
  }
}

function generateLeaf(suite: CipherSuite, leaf: Secret, wanted: readonly number[]): Generation[] {
  const [handshake, application] = ratchets.map((ratchet) => {
    const all = generations(suite, leaf, ratchet);
    return Array.from({ length: Math.max(...wanted) + 1 }, () => all.next().value as { key: string; nonce: string });
  });
  return wanted.map((generation) => ({
    generation,
    handshake_key: handshake![generation]!.key,
    handshake_nonce: handshake![generation]!.nonce,
    application_key: application![generation]!.key,
    application_nonce: application![generation]!.nonce,
  }));
}

function senderData(suite: CipherSuite, tools: Tools): SecretTreeVector["sender_data"] {
  const [secret, ciphertext] = [tools.bytes(suite.hashLength), tools.bytes(77)];
  const sample = ciphertext.subarray(0, suite.hashLength);
  const derive = (label: string, length: number): string =>
    toHex(expandWithLabel(suite, tools.secret(toHex(secret)), label, sample, length).export());
  return {
    sender_data_secret: toHex(secret),
    ciphertext: toHex(ciphertext),
    key: derive("key", suite.aeadKeyLength),
    nonce: derive("nonce", NONCE_LENGTH),
  };
}

/** Keys and nonces of messages (RFC 9420 section 9) and of their sender data (section 6.3.2). */
export const secretTree: VectorKind = {
  name: "secret-tree",
  fields: ["encryption_secret", "leaves", "sender_data"],
  verify: (vector: SecretTreeVector, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    const plaintext = tools.bytes(20);
    const data = vector.sender_data;
    const sample = hex(data.ciphertext).subarray(0, suite.hashLength);
    const sealed = sealUnder(suite, tools.secret(data.sender_data_secret), sample, nothing, plaintext);
    same("sender_data", sealed, toHex(seal(suite, data.key, data.nonce, plaintext)));
    const { kdf, aead } = suite;
    const root = tools.secret(vector.encryption_secret);
    using tree = SecretTree.create(kdf, aead, root, vector.leaves.length, defaultLimits);
    vector.leaves.forEach((leaf, leafIndex) => {
      for (const { generation, ...keys } of leaf) {
        for (const ratchet of ratchets) {
          const position = { leafIndex, ratchet, generation };
          const ciphertext = seal(suite, keys[`${ratchet}_key`], keys[`${ratchet}_nonce`], plaintext);
          same(`leaf ${leafIndex}`, tree.open(position, noGuard, nothing, ciphertext), toHex(plaintext));
          tree.consume(position);
        }
      }
    });
  },
  generate: (suite, tools, index) => {
    const encryptionSecret = tools.bytes(suite.hashLength);
    const leaves = leafSecrets(suite, tools.secret(toHex(encryptionSecret)), 2 ** (index % 6));
    return {
      cipher_suite: suite.id,
      sender_data: senderData(suite, tools),
      encryption_secret: toHex(encryptionSecret),
      leaves: leaves.map((leaf) => generateLeaf(suite, leaf, [0, 1, 15])),
    } satisfies SecretTreeVector;
  },
};
