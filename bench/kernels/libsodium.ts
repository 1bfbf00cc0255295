// libsodium-wrappers, from the folder of its own that it is installed in.
import { createRequire } from "node:module";

/** What is used of it. */
export interface Sodium {
  readonly ready: Promise<void>;
  crypto_sign_seed_keypair(seed: Uint8Array): { publicKey: Uint8Array; privateKey: Uint8Array };
  crypto_scalarmult_base(privateKey: Uint8Array): Uint8Array;
  crypto_scalarmult(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  crypto_sign_detached(message: Uint8Array, privateKey: Uint8Array): Uint8Array;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  crypto_aead_chacha20poly1305_ietf_encrypt(
    message: Uint8Array,
    additionalData: null,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;
}

/** Loads it from the package folder of `bench/rivals/kernels`. */
export async function loadSodium(folder: string): Promise<{ sodium: Sodium; version: string }> {
  const require = createRequire(`${folder}/package.json`);
  const sodium = require("libsodium-wrappers") as Sodium;
  await sodium.ready;
  const { dependencies } = require(`${folder}/package.json`) as { dependencies: Record<string, string> };
  return { sodium, version: dependencies["libsodium-wrappers"] ?? "" };
}
