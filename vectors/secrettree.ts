import type { Secret } from "../bindings/core/secret.ts";
import { expandWithLabel, labelBytes, sealUnder, type SymmetricSuite } from "../bindings/crypto/hash.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { type Ratchet, SecretTree } from "../bindings/schedule/ratchet.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { bytes, Difference, list, type Of, record, same, uint16, uint32 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const shape = record({
  cipher_suite: uint16,
  sender_data: record({ sender_data_secret: bytes, ciphertext: bytes, key: bytes, nonce: bytes }),
  encryption_secret: bytes,
  leaves: list(
    list(
      record({
        generation: uint32,
        handshake_key: bytes,
        handshake_nonce: bytes,
        application_key: bytes,
        application_nonce: bytes,
      }),
    ),
  ),
});

type SecretTreeVector = Of<typeof shape>;
type Suite = SymmetricSuite & { readonly aeadKeyLength: number };

interface KeyAndNonce {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

const ratchets: readonly Ratchet[] = ["handshake", "application"];
const noGuard = new Uint8Array(4);
const nothing = new Uint8Array(0);
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Seals under a key of the vector: the tree must make the same, and open it. */
export function seal(
  { engine, aead, aeadKeyLength }: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  same("length of the key", key.length, aeadKeyLength);
  same("length of the nonce", nonce.length, NONCE_LENGTH);
  return engine.frame((core, frame) => {
    const dst = frame.take(plaintext.length + TAG_LENGTH);
    const [keyAt, nonceAt, from] = [frame.put(key), frame.put(nonce), frame.put(plaintext)];
    core.aeadSeal(aead, dst, keyAt, nonceAt, from, 0, from, plaintext.length);
    return engine.copyOut(dst, plaintext.length + TAG_LENGTH);
  });
}

/** The secret tree by the letter of section 9: the secrets of the leaves below a node. */
function leafSecrets(suite: Suite, tools: Tools, node: Secret, leafCount: number): Secret[] {
  if (leafCount === 1) return [node];
  return ["left", "right"].flatMap((side) => {
    const child = expandWithLabel(suite, node, "tree", labelBytes(side), suite.hashLength);
    return leafSecrets(suite, tools, tools.own(child), leafCount / 2);
  });
}

/** Key and nonce of one generation, by the letter of section 9.1. */
export function keyAndNonce(suite: Suite, tools: Tools, leaf: Secret, ratchet: Ratchet, wanted: number): KeyAndNonce {
  let secret = tools.own(expandWithLabel(suite, leaf, ratchet, nothing, suite.hashLength));
  for (let number = 0; ; number++) {
    const context = new Uint8Array(4);
    new DataView(context.buffer).setUint32(0, number);
    const derive = (label: string, length: number): Secret =>
      tools.own(expandWithLabel(suite, secret, label, context, length));
    if (number === wanted) {
      return { key: derive("key", suite.aeadKeyLength).export(), nonce: derive("nonce", NONCE_LENGTH).export() };
    }
    secret = derive("secret", suite.hashLength);
  }
}

function generateLeaf(suite: Suite, tools: Tools, leaf: Secret): SecretTreeVector["leaves"][number] {
  return [0, 1, 15].map((number) => {
    const [handshake, application] = ratchets.map((ratchet) => keyAndNonce(suite, tools, leaf, ratchet, number));
    return {
      generation: number,
      handshake_key: handshake!.key,
      handshake_nonce: handshake!.nonce,
      application_key: application!.key,
      application_nonce: application!.nonce,
    };
  });
}

function generateSenderData(suite: Suite, tools: Tools): SecretTreeVector["sender_data"] {
  const [secret, ciphertext] = [tools.bytes(suite.hashLength), tools.bytes(77)];
  const sample = ciphertext.subarray(0, suite.hashLength);
  const derive = (label: string, length: number): Uint8Array =>
    tools.own(expandWithLabel(suite, tools.secret(secret), label, sample, length)).export();
  return {
    sender_data_secret: secret,
    ciphertext,
    key: derive("key", suite.aeadKeyLength),
    nonce: derive("nonce", NONCE_LENGTH),
  };
}

function verifySenderData(suite: Suite, tools: Tools, vector: SecretTreeVector["sender_data"]): void {
  const plaintext = tools.bytes(20);
  const secret = tools.hashSecret(suite, "sender_data_secret", vector.sender_data_secret);
  const sample = vector.ciphertext.subarray(0, suite.hashLength);
  const sealed = sealUnder(suite, secret, sample, nothing, plaintext);
  same("sender_data", sealed, seal(suite, vector.key, vector.nonce, plaintext));
}

/** Keys and nonces of messages (RFC 9420 section 9) and of their sender data (section 6.3.2). */
export const secretTree: VectorKind = vectorKind("secret-tree", shape, {
  verify: (vector, tools) => {
    const suite = tools.symmetric(vector.cipher_suite);
    verifySenderData(suite, tools, vector.sender_data);
    const plaintext = tools.bytes(20);
    const leafCount = vector.leaves.length;
    if (!Number.isInteger(Math.log2(leafCount))) throw new Difference(`${leafCount} leaves, which is no power of two`);
    const [receiver, sender] = Array.from({ length: 2 }, () => {
      const root = tools.hashSecret(suite, "encryption_secret", vector.encryption_secret);
      return tools.own(SecretTree.create(suite.kdf, suite.aead, root, leafCount, defaultLimits));
    }) as [SecretTree, SecretTree];
    vector.leaves.forEach((generations, leafIndex) => {
      for (const { generation, ...keys } of generations.toSorted((a, b) => a.generation - b.generation)) {
        for (const ratchet of ratchets) {
          const position = { leafIndex, ratchet, generation };
          const ciphertext = seal(suite, keys[`${ratchet}_key`], keys[`${ratchet}_nonce`], plaintext);
          same(`leaves[${leafIndex}]`, receiver.open(position, noGuard, nothing, ciphertext), plaintext);
          receiver.consume(position);
          // What the receiver opens is not too far ahead for the sender to walk to.
          let sent = sender.seal(leafIndex, ratchet, noGuard, nothing, plaintext);
          while (sent.generation < generation) sent = sender.seal(leafIndex, ratchet, noGuard, nothing, plaintext);
          same(`leaves[${leafIndex}], sealed by ourselves`, sent.ciphertext, ciphertext);
        }
      }
    });
  },
  generate: (suite, tools, index) => {
    const root = tools.bytes(suite.hashLength);
    const leaves = leafSecrets(suite, tools, tools.secret(root), 2 ** (index % 6));
    return {
      cipher_suite: suite.id,
      sender_data: generateSenderData(suite, tools),
      encryption_secret: root,
      leaves: leaves.map((leaf) => generateLeaf(suite, tools, leaf)),
    };
  },
});
