import { deriveSecret, expandWithLabel } from "../bindings/crypto/hash.ts";
import { decryptWithLabel, encryptWithLabel, generateHpkeKeyPair } from "../bindings/crypto/hpke.ts";
import { refHash } from "../bindings/crypto/labels.ts";
import {
  exportPrivateKey,
  generateSignatureKeyPair,
  signatureKeyPair,
  signWithLabel,
  verifyWithLabel,
} from "../bindings/crypto/signature.ts";
import { hex, same, toHex, type VectorKind } from "./kind.ts";

interface CryptoBasics {
  readonly cipher_suite: number;
  readonly ref_hash: { label: string; value: string; out: string };
  readonly expand_with_label: { secret: string; label: string; context: string; length: number; out: string };
  readonly derive_secret: { secret: string; label: string; out: string };
  readonly derive_tree_secret: { secret: string; label: string; generation: number; length: number; out: string };
  readonly sign_with_label: { priv: string; pub: string; content: string; label: string; signature: string };
  readonly encrypt_with_label: {
    priv: string;
    pub: string;
    label: string;
    context: string;
    plaintext: string;
    kem_output: string;
    ciphertext: string;
  };
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** The functions that everything else is made of (RFC 9420 sections 5.1, 5.2, 8 and 9). */
export const cryptoBasics: VectorKind = {
  name: "crypto-basics",
  fields: ["ref_hash", "expand_with_label", "sign_with_label"],
  verify: (vector: CryptoBasics, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = vector;
    same("ref_hash", refHash(suite, ref.label, hex(ref.value)), ref.out);
    using expanded = expandWithLabel(
      suite,
      tools.secret(expand.secret),
      expand.label,
      hex(expand.context),
      expand.length,
    );
    same("expand_with_label", expanded.export(), expand.out);
    using derived = deriveSecret(suite, tools.secret(derive.secret), derive.label);
    same("derive_secret", derived.export(), derive.out);
    using treeSecret = expandWithLabel(
      suite,
      tools.secret(tree.secret),
      tree.label,
      uint32(tree.generation),
      tree.length,
    );
    same("derive_tree_secret", treeSecret.export(), tree.out);

    const { priv, pub, content, label, signature } = vector.sign_with_label;
    const keyPair = signatureKeyPair(suite, tools.privateKey(suite, priv));
    same("sign_with_label.pub", keyPair.publicKey, pub);
    verifyWithLabel(suite, hex(pub), label, hex(content), hex(signature));
    verifyWithLabel(suite, hex(pub), label, hex(content), signWithLabel(suite, keyPair, label, hex(content)));

    const sealed = vector.encrypt_with_label;
    const receiver = { privateKey: tools.privateKey(suite, sealed.priv), publicKey: hex(sealed.pub) };
    const [context, plaintext] = [hex(sealed.context), hex(sealed.plaintext)];
    const known = { kemOutput: hex(sealed.kem_output), ciphertext: hex(sealed.ciphertext) };
    same("encrypt_with_label", decryptWithLabel(suite, receiver, sealed.label, context, known), sealed.plaintext);
    const own = encryptWithLabel(suite, receiver.publicKey, sealed.label, context, plaintext, tools.random);
    same("our own ciphertext", decryptWithLabel(suite, receiver, sealed.label, context, own), sealed.plaintext);
  },
  generate: (suite, tools) => {
    const label = "a label";
    const length = suite.hashLength;
    const fresh = (): string => toHex(tools.bytes(length));
    const [value, secret, context, content, plaintext] = [fresh(), fresh(), fresh(), fresh(), fresh()];
    const signer = generateSignatureKeyPair(suite, tools.random);
    const receiver = generateHpkeKeyPair(suite, tools.random);
    const sealed = encryptWithLabel(suite, receiver.publicKey, label, hex(context), hex(plaintext), tools.random);
    const expand = (bytes: Uint8Array): string =>
      toHex(expandWithLabel(suite, tools.secret(secret), label, bytes, length).export());
    return {
      cipher_suite: suite.id,
      ref_hash: { label, value, out: toHex(refHash(suite, label, hex(value))) },
      expand_with_label: { secret, label, context, length, out: expand(hex(context)) },
      derive_secret: { secret, label, out: toHex(deriveSecret(suite, tools.secret(secret), label).export()) },
      derive_tree_secret: { secret, label, generation: 7, length, out: expand(uint32(7)) },
      sign_with_label: {
        priv: toHex(exportPrivateKey(suite, signer)),
        pub: toHex(signer.publicKey),
        content,
        label,
        signature: toHex(signWithLabel(suite, signer, label, hex(content))),
      },
      encrypt_with_label: {
        priv: toHex(receiver.privateKey.export()),
        pub: toHex(receiver.publicKey),
        label,
        context,
        plaintext,
        kem_output: toHex(sealed.kemOutput),
        ciphertext: toHex(sealed.ciphertext),
      },
    } satisfies CryptoBasics;
  },
};
