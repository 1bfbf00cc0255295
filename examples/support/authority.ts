// A certificate authority, as small as it can be: certificates of RFC 5280 for Ed25519 keys, without
// extensions. It is there for the example; use a real one.

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";

/** A signature key as Grove takes it: 32 bytes each. */
export interface SigningKey {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A fresh Ed25519 key. */
export function newSigningKey(): SigningKey {
  const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return { privateKey: Buffer.from(d!, "base64url"), publicKey: Buffer.from(x!, "base64url") };
}

const DAY = 86_400_000;
const ED25519 = sequence(der(0x06, Buffer.from([0x2b, 0x65, 0x70]))); // 1.3.101.112

/** Issues certificates in its name. */
export class CertificateAuthority {
  readonly certificate: X509Certificate;
  readonly #name: string;
  readonly #key: KeyObject;

  constructor(name: string) {
    const { privateKey, publicKey } = newSigningKey();
    this.#name = name;
    const jwk = { kty: "OKP", crv: "Ed25519", d: base64(privateKey), x: base64(publicKey) };
    this.#key = createPrivateKey({ key: jwk, format: "jwk" });
    this.certificate = new X509Certificate(this.certify(name, publicKey));
  }

  /** A certificate for the holder of a key, valid for 90 days; DER. */
  certify(name: string, publicKey: Uint8Array): Uint8Array {
    const now = Date.now();
    const toBeSigned = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))), // version 3
      der(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(8)])), // serial number
      ED25519,
      commonName(this.#name),
      sequence(time(now - DAY), time(now + 90 * DAY)),
      commonName(name),
      sequence(ED25519, bitString(publicKey)),
    );
    return sequence(toBeSigned, ED25519, bitString(sign(null, toBeSigned, this.#key)));
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** A tag, the length, the content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const long = body.length < 0x100 ? [0x81] : [0x82, body.length >> 8];
  const length = body.length < 0x80 ? [body.length] : [...long, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function sequence(...content: readonly Uint8Array[]): Buffer {
  return der(0x30, ...content);
}

function bitString(bytes: Uint8Array): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

function commonName(name: string): Buffer {
  const attribute = sequence(der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from(name))); // 2.5.4.3
  return sequence(der(0x31, attribute));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return der(0x17, Buffer.from(digits.slice(2))); // YYMMDDHHMMSSZ
}
