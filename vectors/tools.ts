// What verifying and generating share: one engine, the suites on it, keys as vectors write them, randomness.

import { Engine } from "../bindings/core/engine.ts";
import { Secret } from "../bindings/core/secret.ts";
import { hash, labelBytes, type SymmetricSuite } from "../bindings/crypto/hash.ts";
import type { HPKEKeyPair } from "../bindings/crypto/hpke.ts";
import { type RandomSource, systemRandom } from "../bindings/crypto/random.ts";
import { type SignatureKeyPair, signatureKeyPair } from "../bindings/crypto/signature.ts";
import { cipherSuite, type CipherSuite, suiteParameters, type SuitePlugin } from "../bindings/crypto/suite.ts";
import { toHex } from "./json.ts";
import { Difference, same } from "./shape.ts";

/** What tools are made with. */
export interface ToolsOptions {
  /** The suites outside the core (2 and 4 to 7): `nist` of "grove-mls/suites/nist", `x448` of "grove-mls/suites/x448". */
  readonly suites?: readonly SuitePlugin[];
  /** Makes all randomness the same in every run: for vectors, never for keys of anybody. */
  readonly seed?: string;
}

export class Tools {
  readonly engine: Engine = new Engine();
  readonly random: RandomSource;
  readonly #plugins: readonly SuitePlugin[];
  #owned: Disposable[] = [];

  constructor({ suites = [], seed }: ToolsOptions = {}) {
    this.#plugins = suites;
    this.random = seed === undefined ? systemRandom : seededRandom(this.engine, seed);
  }

  /** A suite with its curves. */
  suite(id: number): CipherSuite {
    return cipherSuite(this.engine, id, this.#plugins);
  }

  /** Hash, KDF and AEAD of a suite, which the core has for all seven. */
  symmetric(id: number): SymmetricSuite & Pick<CipherSuite, "aeadKeyLength" | "publicKeyLength"> {
    return { ...suiteParameters(id), engine: this.engine };
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from(this.random(length));
  }

  /** Runs one case, then releases what it owned. */
  scope<T>(run: () => T): T {
    try {
      return run();
    } finally {
      for (const thing of this.#owned.splice(0).reverse()) thing[Symbol.dispose]();
    }
  }

  /** Keeps something of the core for the time of the case. */
  own<T extends Disposable>(thing: T): T {
    this.#owned.push(thing);
    return thing;
  }

  /** A secret of the core for the time of the case. */
  secret(bytes: Uint8Array): Secret {
    return this.own(Secret.import(this.engine, bytes));
  }

  /** A secret of KDF.Nh bytes; `what` names it. */
  hashSecret({ hashLength }: Pick<CipherSuite, "hashLength">, what: string, bytes: Uint8Array): Secret {
    return this.secret(exactly(what, bytes, hashLength));
  }

  /** The key pair of a KEM; `what` names the private key. */
  hpkeKeyPair(suite: CipherSuite, what: string, bytes: Uint8Array, publicKey: Uint8Array): HPKEKeyPair {
    const { publicKeyLength: length, signature } = suite;
    const privateKey = this.secret(isEcdsa(signature) ? scalar(what, bytes, length) : exactly(what, bytes, length));
    same(
      `the public key of ${what}`,
      usable(what, () => publicKeyOf(suite, privateKey)),
      publicKey,
    );
    return { privateKey, publicKey };
  }

  /** The key pair of a signature private key; `what` names it. */
  signatureKeyPair(suite: CipherSuite, what: string, bytes: Uint8Array, publicKey: Uint8Array): SignatureKeyPair {
    const { signatureKeyLength: length, signature } = suite;
    // Some implementations write the public key of EdDSA behind the seed.
    const isPair = bytes.length === 2 * length && toHex(bytes.subarray(length)) === toHex(publicKey);
    const alone = isPair ? bytes.subarray(0, length) : bytes;
    const privateKey = isEcdsa(signature) ? scalar(what, bytes, length) : exactly(what, alone, length);
    const keyPair = usable(what, () => signatureKeyPair(suite, privateKey));
    this.own(keyPair.privateKey);
    same(`the public key of ${what}`, keyPair.publicKey, publicKey);
    return keyPair;
  }
}

/** The public key of a KEM's private key. */
function publicKeyOf({ engine, plugin, publicKeyLength }: CipherSuite, privateKey: Secret): Uint8Array {
  if (plugin !== undefined) return plugin.kem.publicKey(privateKey.export());
  return engine.frame((core, frame) => {
    const dst = frame.take(publicKeyLength);
    core.x25519Base(dst, privateKey.address);
    return engine.copyOut(dst, publicKeyLength);
  });
}

/** What the libraries of curves throw for a scalar that is none says nothing about the case. */
function usable<T>(what: string, use: () => T): T {
  try {
    return use();
  } catch {
    throw new Difference(`${what} is no private key`);
  }
}

function isEcdsa(signature: CipherSuite["signature"]): boolean {
  return signature.startsWith("ecdsa");
}

function exactly(what: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new Difference(`${what} has ${bytes.length} bytes, not ${length}`);
  return bytes;
}

/** The scalar to an uncompressed point; published vectors leave out leading zeros. */
function scalar(what: string, bytes: Uint8Array, pointLength: number): Uint8Array {
  const length = (pointLength - 1) / 2;
  if (bytes.length > length) throw new Difference(`${what} has ${bytes.length} bytes, not ${length}`);
  const whole = new Uint8Array(length);
  whole.set(bytes, length - bytes.length);
  return whole;
}

/** SHA-256 of the seed and a counter. */
function seededRandom(engine: Engine, seed: string): RandomSource {
  const sha256 = { ...suiteParameters(1), engine };
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += sha256.hashLength) {
      bytes.set(hash(sha256, labelBytes(`${seed}/${counter++}`)).subarray(0, length - at), at);
    }
    return bytes;
  };
}
