// What the files of the MLS working group's test vectors have in common: an array of cases of one kind, byte
// strings in hexadecimal.

import { Engine } from "../bindings/core/engine.ts";
import { Secret } from "../bindings/core/secret.ts";
import { type RandomSource, systemRandom } from "../bindings/crypto/random.ts";
import { cipherSuite, type CipherSuite } from "../bindings/crypto/suite.ts";
import { nist } from "../bindings/suites/nist.ts";
import { x448 } from "../bindings/suites/x448.ts";

/** One kind of test vector. */
export interface VectorKind {
  readonly name: string;
  /** The fields that tell a case of this kind from all others. */
  readonly fields: readonly string[];
  /** Throws a {@link Difference}, or what the library throws, unless the case is as it should be. */
  readonly verify: (vector: never, tools: Tools) => void;
  /** A fresh case; `index` counts the cases of one run. */
  readonly generate: (suite: CipherSuite, tools: Tools, index: number) => object;
}

/** What a case must equal, and does not. */
export class Difference extends Error {}

/** What verifying and generating share: one engine, its suites, and randomness. */
export class Tools {
  readonly engine: Engine = new Engine();
  readonly random: RandomSource;

  constructor(random: RandomSource = systemRandom) {
    this.random = random;
  }

  suite(id: number): CipherSuite {
    return cipherSuite(this.engine, id, [...nist, ...x448]);
  }

  /** A secret of the core, from hexadecimal. */
  secret(text: string): Secret {
    return Secret.import(this.engine, hex(text));
  }

  /** A private key, from hexadecimal: published vectors leave out the leading zeros of a P-521 scalar. */
  privateKey({ id }: CipherSuite, text: string): Secret {
    return this.secret(id === SUITE_P521 ? text.padStart(2 * P521_SCALAR_LENGTH, "0") : text);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from(this.random(length));
  }
}

const SUITE_P521 = 5;
const P521_SCALAR_LENGTH = 66;

/** Bytes of a hexadecimal string; throws Difference for anything else. */
export function hex(text: string): Uint8Array {
  if (typeof text !== "string" || !/^([0-9a-fA-F]{2})*$/.test(text)) throw new Difference("no hexadecimal string");
  return Uint8Array.from(Buffer.from(text, "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Throws unless the two are equal, as JSON. */
export function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) => (value instanceof Uint8Array ? toHex(value) : value));
  if (JSON.stringify(a) === JSON.stringify(b)) return;
  throw new Difference(`${what} is ${brief(a)} instead of ${brief(b)}`);
}

function brief(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
