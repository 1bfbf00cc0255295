import type { Secret } from "../bindings/core/secret.ts";
import { deriveSecret, expandWithLabel } from "../bindings/crypto/hash.ts";
import { decryptWithLabel, encryptWithLabel, generateHpkeKeyPair } from "../bindings/crypto/hpke.ts";
import { refHash } from "../bindings/crypto/labels.ts";
import {
  exportPrivateKey,
  generateSignatureKeyPair,
  signWithLabel,
  verifyWithLabel,
} from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { bytes, type Of, record, same, text, uint16, uint32 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const shape = record({
  cipher_suite: uint16,
  ref_hash: record({ label: text, value: bytes, out: bytes }),
  expand_with_label: record({ secret: bytes, label: text, context: bytes, length: uint16, out: bytes }),
  derive_secret: record({ secret: bytes, label: text, out: bytes }),
  derive_tree_secret: record({ secret: bytes, label: text, generation: uint32, length: uint16, out: bytes }),
  sign_with_label: record({ priv: bytes, pub: bytes, content: bytes, label: text, signature: bytes }),
  encrypt_with_label: record({
    priv: bytes,
    pub: bytes,
    label: text,
    context: bytes,
    plaintext: bytes,
    kem_output: bytes,
    ciphertext: bytes,
  }),
});

type CryptoBasics = Of<typeof shape>;

function uint32Bytes(value: number): Uint8Array {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setUint32(0, value);
  return encoded;
}

/** A secret's bytes; the secret goes with the case. */
function out(tools: Tools, secret: Secret): Uint8Array {
  return tools.own(secret).export();
}

function verifyHashes(vector: CryptoBasics, suite: CipherSuite, tools: Tools): void {
  const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = vector;
  same("ref_hash", refHash(suite, ref.label, ref.value), ref.out);
  const expanded = expandWithLabel(suite, tools.secret(expand.secret), expand.label, expand.context, expand.length);
  same("expand_with_label", out(tools, expanded), expand.out);
  const derived = deriveSecret(suite, tools.secret(derive.secret), derive.label);
  same("derive_secret", out(tools, derived), derive.out);
  const generation = uint32Bytes(tree.generation);
  const treeSecret = expandWithLabel(suite, tools.secret(tree.secret), tree.label, generation, tree.length);
  same("derive_tree_secret", out(tools, treeSecret), tree.out);
}

function verifySignatures(vector: CryptoBasics["sign_with_label"], suite: CipherSuite, tools: Tools): void {
  const { priv, pub, content, label, signature } = vector;
  const keyPair = tools.signatureKeyPair(suite, "sign_with_label.priv", priv, pub);
  verifyWithLabel(suite, pub, label, content, signature);
  verifyWithLabel(suite, pub, label, content, signWithLabel(suite, keyPair, label, content));
}

function verifyEncryption(vector: CryptoBasics["encrypt_with_label"], suite: CipherSuite, tools: Tools): void {
  const { priv, pub, label, context, plaintext, kem_output: kemOutput, ciphertext } = vector;
  const receiver = tools.hpkeKeyPair(suite, "encrypt_with_label.priv", priv, pub);
  const opened = decryptWithLabel(suite, receiver, label, context, { kemOutput, ciphertext });
  same("encrypt_with_label", opened, plaintext);
  const own = encryptWithLabel(suite, pub, label, context, plaintext, tools.random);
  same("our own ciphertext", decryptWithLabel(suite, receiver, label, context, own), plaintext);
}

/** The functions that everything else is made of (RFC 9420 sections 5.1, 5.2, 8 and 9). */
export const cryptoBasics: VectorKind = vectorKind("crypto-basics", shape, {
  verify: (vector, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    verifyHashes(vector, suite, tools);
    verifySignatures(vector.sign_with_label, suite, tools);
    verifyEncryption(vector.encrypt_with_label, suite, tools);
  },
  generate: (suite, tools) => {
    const label = "a label";
    const length = suite.hashLength;
    const [value, secret, context, content, plaintext] = Array.from({ length: 5 }, () => tools.bytes(length)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const signer = generateSignatureKeyPair(suite, tools.random);
    tools.own(signer.privateKey);
    const receiver = generateHpkeKeyPair(suite, tools.random);
    const sealed = encryptWithLabel(suite, receiver.publicKey, label, context, plaintext, tools.random);
    const expand = (over: Uint8Array): Uint8Array =>
      out(tools, expandWithLabel(suite, tools.secret(secret), label, over, length));
    return {
      cipher_suite: suite.id,
      ref_hash: { label, value, out: refHash(suite, label, value) },
      expand_with_label: { secret, label, context, length, out: expand(context) },
      derive_secret: { secret, label, out: expand(new Uint8Array(0)) },
      derive_tree_secret: { secret, label, generation: 7, length, out: expand(uint32Bytes(7)) },
      sign_with_label: {
        priv: exportPrivateKey(suite, signer),
        pub: signer.publicKey,
        content,
        label,
        signature: signWithLabel(suite, signer, label, content),
      },
      encrypt_with_label: {
        priv: out(tools, receiver.privateKey),
        pub: receiver.publicKey,
        label,
        context,
        plaintext,
        kem_output: sealed.kemOutput,
        ciphertext: sealed.ciphertext,
      },
    };
  },
});
