// @noble/*, WebCrypto and libsodium.
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { expand } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Sodium } from "./libsodium.ts";
import { inputs, type Kernel, type KernelSet, valid } from "./kernel.ts";

const { privateKey, peer, seed, message, prk, info, nonce, small, large, short, long, key16, key32 } = inputs;

export function nobleKernels(version: string, signature: Uint8Array): KernelSet {
  const publicKey = ed25519.getPublicKey(seed);
  return {
    implementation: "noble",
    version,
    batch: 1,
    kernels: {
      "x25519-public": () => x25519.getPublicKey(privateKey),
      "x25519-shared": () => x25519.getSharedSecret(privateKey, peer),
      "ed25519-sign": () => ed25519.sign(message, seed),
      "ed25519-verify": () => valid(ed25519.verify(signature, message, publicKey)),
      "sha256-64": () => sha256(short),
      "sha256-1000": () => sha256(long),
      "hkdf-expand": () => expand(sha256, prk, info, 32),
      "aes128gcm-100": () => gcm(key16, nonce).encrypt(small),
      "aes128gcm-64k": () => gcm(key16, nonce).encrypt(large),
      "chacha20poly1305-100": () => chacha20poly1305(key32, nonce).encrypt(small),
      "chacha20poly1305-64k": () => chacha20poly1305(key32, nonce).encrypt(large),
    },
  };
}

/** Keys are imported beforehand, but for a peer's. */
export async function webCryptoKernels(signature: Uint8Array): Promise<KernelSet> {
  const { subtle } = crypto;
  const head = (name: "X25519" | "Ed25519"): number[] => [
    ...[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, name === "X25519" ? 0x6e : 0x70, 4, 0x22, 4, 0x20],
  ];
  const own = await subtle.importKey("pkcs8", Uint8Array.of(...head("X25519"), ...privateKey), "X25519", false, [
    "deriveBits",
  ]);
  const pkcs8 = Uint8Array.of(...head("Ed25519"), ...seed);
  const signing = await subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  const verifying = await subtle.importKey("raw", buffer(ed25519.getPublicKey(seed)), "Ed25519", false, ["verify"]);
  const aes = await subtle.importKey("raw", buffer(key16), "AES-GCM", false, ["encrypt"]);
  const mac = await subtle.importKey("raw", buffer(prk), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = (answer: ArrayBuffer): Uint8Array => new Uint8Array(answer);
  const hash = (data: Uint8Array): Kernel => {
    return () => subtle.digest("SHA-256", buffer(data)).then(bytes);
  };
  const seal = (data: Uint8Array): Kernel => {
    return () => subtle.encrypt({ name: "AES-GCM", iv: buffer(nonce) }, aes, buffer(data)).then(bytes);
  };
  return {
    implementation: "WebCrypto",
    version: `Node ${process.versions.node}`,
    batch: 1,
    kernels: {
      "x25519-shared": async () => {
        const theirs = await subtle.importKey("raw", buffer(peer), "X25519", false, []);
        return bytes(await subtle.deriveBits({ name: "X25519", public: theirs }, own, 256));
      },
      "ed25519-sign": () => subtle.sign("Ed25519", signing, buffer(message)).then(bytes),
      "ed25519-verify": () => subtle.verify("Ed25519", verifying, buffer(signature), buffer(message)).then(valid),
      "sha256-64": hash(short),
      "sha256-1000": hash(long),
      "hkdf-expand": () => subtle.sign("HMAC", mac, Uint8Array.of(...info, 1)).then(bytes),
      "aes128gcm-100": seal(small),
      "aes128gcm-64k": seal(large),
    },
  };
}

export function libsodiumKernels(sodium: Sodium, version: string, signature: Uint8Array): KernelSet {
  const { publicKey, privateKey: secretKey } = sodium.crypto_sign_seed_keypair(seed);
  const seal = (data: Uint8Array): Kernel => {
    return () => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(data, null, null, nonce, key32);
  };
  return {
    implementation: "libsodium",
    version,
    batch: 1,
    kernels: {
      "x25519-public": () => sodium.crypto_scalarmult_base(privateKey),
      "x25519-shared": () => sodium.crypto_scalarmult(privateKey, peer),
      "ed25519-sign": () => sodium.crypto_sign_detached(message, secretKey),
      "ed25519-verify": () => valid(sodium.crypto_sign_verify_detached(signature, message, publicKey)),
      "chacha20poly1305-100": seal(small),
      "chacha20poly1305-64k": seal(large),
    },
  };
}

function buffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
