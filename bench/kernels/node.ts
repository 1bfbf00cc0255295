// node:crypto, with keys as key objects where that is how it is meant to be used; a peer's key comes as bytes.
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign,
  verify,
} from "node:crypto";
import { inputs, type Kernel, type KernelSet, valid } from "./kernel.ts";

// The fixed heads of PKCS #8 and SubjectPublicKeyInfo for keys of 32 bytes (RFC 8410).
const heads = {
  privateX25519: "302e020100300506032b656e04220420",
  publicX25519: "302a300506032b656e032100",
  privateEd25519: "302e020100300506032b657004220420",
};

function der(head: string, key: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(head, "hex"), key]);
}

export function nodeKernels(signature: Uint8Array): KernelSet {
  const { privateKey, peer, seed, message, prk, info, nonce } = inputs;
  const ownKey = createPrivateKey({ key: der(heads.privateX25519, privateKey), format: "der", type: "pkcs8" });
  const signingKey = createPrivateKey({ key: der(heads.privateEd25519, seed), format: "der", type: "pkcs8" });
  const verifyingKey = createPublicKey(signingKey);
  const sha256 = (data: Uint8Array): Kernel => {
    return () => createHash("sha256").update(data).digest();
  };
  const seal = (algorithm: "aes-128-gcm" | "chacha20-poly1305", key: Uint8Array, data: Uint8Array): Kernel => {
    return () => {
      const cipher =
        algorithm === "aes-128-gcm"
          ? createCipheriv(algorithm, key, nonce)
          : createCipheriv(algorithm, key, nonce, { authTagLength: 16 });
      return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
    };
  };
  return {
    implementation: "node:crypto",
    version: `OpenSSL ${process.versions.openssl}`,
    batch: 1,
    kernels: {
      "x25519-public": () => {
        const key = createPrivateKey({ key: der(heads.privateX25519, privateKey), format: "der", type: "pkcs8" });
        return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
      },
      "x25519-shared": () => {
        const publicKey = createPublicKey({ key: der(heads.publicX25519, peer), format: "der", type: "spki" });
        return diffieHellman({ privateKey: ownKey, publicKey });
      },
      "ed25519-sign": () => sign(null, message, signingKey),
      "ed25519-verify": () => valid(verify(null, message, verifyingKey, signature)),
      "sha256-64": sha256(inputs.short),
      "sha256-1000": sha256(inputs.long),
      // One block of HKDF-Expand is one HMAC; hkdfSync would extract as well.
      "hkdf-expand": () => createHmac("sha256", prk).update(info).update(Uint8Array.of(1)).digest(),
      "aes128gcm-100": seal("aes-128-gcm", inputs.key16, inputs.small),
      "aes128gcm-64k": seal("aes-128-gcm", inputs.key16, inputs.large),
      "chacha20poly1305-100": seal("chacha20-poly1305", inputs.key32, inputs.small),
      "chacha20poly1305-64k": seal("chacha20-poly1305", inputs.key32, inputs.large),
    },
  };
}
