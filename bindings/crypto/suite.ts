// The cipher suites (RFC 9420, sections 5.1 and 17.1) and how curves outside the core plug in.
import type { Engine } from "../core/engine.ts";
import {
  AEAD_AES128GCM,
  AEAD_AES256GCM,
  AEAD_CHACHA20POLY1305,
  KDF_SHA256,
  KDF_SHA384,
  KDF_SHA512,
} from "../core/generated/layout.ts";
import { UnsupportedError } from "../errors.ts";
import type { RandomSource } from "./random.ts";

/** IANA's names of the suites. */
export type CipherSuiteName =
  | "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"
  | "MLS_128_DHKEMP256_AES128GCM_SHA256_P256"
  | "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519"
  | "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448"
  | "MLS_256_DHKEMP521_AES256GCM_SHA512_P521"
  | "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448"
  | "MLS_256_DHKEMP384_AES256GCM_SHA384_P384";

/** What a suite is made of; identifiers as in RFC 9180, lengths in bytes. */
export interface CipherSuiteParameters {
  /** Its number in the IANA registry (RFC 9420 section 17.1). */
  readonly id: number;
  /** Its name there. */
  readonly name: CipherSuiteName;
  /** KEM of RFC 9180 section 7.1. */
  readonly kem: number;
  /** KDF of RFC 9180 section 7.2. */
  readonly kdf: number;
  /** AEAD of RFC 9180 section 7.3. */
  readonly aead: number;
  /** Signature scheme, as TLS 1.3 calls it. */
  readonly signature:
    "ed25519" | "ed448" | "ecdsa_secp256r1_sha256" | "ecdsa_secp384r1_sha384" | "ecdsa_secp521r1_sha512";
  /** KDF.Nh, also the length of the hash and the MAC. */
  readonly hashLength: number;
  /** AEAD.Nk. */
  readonly aeadKeyLength: number;
  /** Npk of the KEM. */
  readonly publicKeyLength: number;
  /** Length of a signature public key. */
  readonly signatureKeyLength: number;
}

// The KEMs of RFC 9180, section 7.1.
const KEM_P256 = 0x0010;
const KEM_P384 = 0x0011;
const KEM_P521 = 0x0012;
/** DHKEM(X25519, HKDF-SHA256). */
export const KEM_X25519 = 0x0020 as const;
const KEM_X448 = 0x0021;

/** MLS-17.1-02, MLS-8-08. */
export const cipherSuites: readonly CipherSuiteParameters[] = [
  {
    id: 1,
    name: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
    kem: KEM_X25519,
    kdf: KDF_SHA256,
    aead: AEAD_AES128GCM,
    signature: "ed25519",
    hashLength: 32,
    aeadKeyLength: 16,
    publicKeyLength: 32,
    signatureKeyLength: 32,
  },
  {
    id: 2,
    name: "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
    kem: KEM_P256,
    kdf: KDF_SHA256,
    aead: AEAD_AES128GCM,
    signature: "ecdsa_secp256r1_sha256",
    hashLength: 32,
    aeadKeyLength: 16,
    publicKeyLength: 65,
    signatureKeyLength: 65,
  },
  {
    id: 3,
    name: "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
    kem: KEM_X25519,
    kdf: KDF_SHA256,
    aead: AEAD_CHACHA20POLY1305,
    signature: "ed25519",
    hashLength: 32,
    aeadKeyLength: 32,
    publicKeyLength: 32,
    signatureKeyLength: 32,
  },
  {
    id: 4,
    name: "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
    kem: KEM_X448,
    kdf: KDF_SHA512,
    aead: AEAD_AES256GCM,
    signature: "ed448",
    hashLength: 64,
    aeadKeyLength: 32,
    publicKeyLength: 56,
    signatureKeyLength: 57,
  },
  {
    id: 5,
    name: "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
    kem: KEM_P521,
    kdf: KDF_SHA512,
    aead: AEAD_AES256GCM,
    signature: "ecdsa_secp521r1_sha512",
    hashLength: 64,
    aeadKeyLength: 32,
    publicKeyLength: 133,
    signatureKeyLength: 133,
  },
  {
    id: 6,
    name: "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
    kem: KEM_X448,
    kdf: KDF_SHA512,
    aead: AEAD_CHACHA20POLY1305,
    signature: "ed448",
    hashLength: 64,
    aeadKeyLength: 32,
    publicKeyLength: 56,
    signatureKeyLength: 57,
  },
  {
    id: 7,
    name: "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
    kem: KEM_P384,
    kdf: KDF_SHA384,
    aead: AEAD_AES256GCM,
    signature: "ecdsa_secp384r1_sha384",
    hashLength: 48,
    aeadKeyLength: 32,
    publicKeyLength: 97,
    signatureKeyLength: 97,
  },
];

/** The group of a DHKEM, on raw bytes in the forms of RFC 9180, section 7.1. */
export interface KemGroup {
  /** DeriveKeyPair (section 7.1.3), from Nsk bytes or more: a private key of Nsk bytes, a public one of Npk. */
  deriveKeyPair(ikm: Uint8Array): { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  /** The public key of a private one. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** Whether the bytes are a valid public key: length, form, on the curve. */
  isPublicKey(publicKey: Uint8Array): boolean;
  /** The shared x-coordinate; `undefined` for a point that is not allowed. */
  dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
}

/** A signature scheme, in the forms of RFC 9420, sections 5.1.1 and 5.1.2. */
export interface SignatureScheme {
  /** A fresh private key. */
  generate(random: RandomSource): Uint8Array;
  /** The public key of a private one. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** Whether the bytes are a valid public key: length, form, on the curve. */
  isPublicKey(publicKey: Uint8Array): boolean;
  /** The signature over a message. */
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** Whether the signature is one of that key over that message; false, too, for bytes that are no signature. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Curve and signature of one suite that the core does not have. Hashing, KDF and AEAD are the core's for every suite. */
export interface SuitePlugin {
  /** The suite's number in the IANA registry. */
  readonly cipherSuite: number;
  /** The group of its KEM. */
  readonly kem: KemGroup;
  /** Its signatures. */
  readonly signatureScheme: SignatureScheme;
}

/** A suite ready for use: its parameters, the engine that runs it, and the plug-in of its curves if it needs one. */
export interface CipherSuite extends CipherSuiteParameters {
  readonly engine: Engine;
  readonly plugin: SuitePlugin | undefined;
}

/** The parameters of a suite; throws `ERR_UNSUPPORTED` for a number without a meaning (MLS-17.1-04). */
export function suiteParameters(id: number): CipherSuiteParameters {
  const parameters = cipherSuites.find((suite) => suite.id === id);
  if (parameters === undefined) {
    throw new UnsupportedError("ERR_UNSUPPORTED", `cipher suite ${id} instead of 1 to ${cipherSuites.length}`, {
      rule: "MLS-17.1-04",
    });
  }
  return parameters;
}

/** Whether {@link cipherSuite} would give this suite. */
export function isSupported(id: number, plugins: readonly SuitePlugin[] = []): boolean {
  const parameters = cipherSuites.find((suite) => suite.id === id);
  return parameters !== undefined && (isInCore(parameters) || plugins.some((plugin) => plugin.cipherSuite === id));
}

function isInCore({ kem, signature }: CipherSuiteParameters): boolean {
  return kem === KEM_X25519 && signature === "ed25519";
}

/** The suite with this number; throws `ERR_UNSUPPORTED` when neither the core nor a plug-in has its curves. */
export function cipherSuite(engine: Engine, id: number, plugins: readonly SuitePlugin[] = []): CipherSuite {
  const parameters = suiteParameters(id);
  const plugin = isInCore(parameters) ? undefined : plugins.find((candidate) => candidate.cipherSuite === id);
  if (plugin === undefined && !isInCore(parameters)) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED",
      `cipher suite ${id} (${parameters.name}) needs a plug-in for its curves`,
      {
        rule: "MLS-17.1-02",
      },
    );
  }
  return { engine, plugin, ...parameters };
}
