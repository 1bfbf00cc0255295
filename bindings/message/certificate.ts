// The public key of an X.509 certificate (RFC 5280), which for an x509 credential must be the
// leaf's signature_key (MLS-5.3-03). This is no path validation: it walks the DER, strictly, as
// far as SubjectPublicKeyInfo. Whom to trust is the Authentication Service's question.
import { DecodeError } from "../errors.ts";

/** SubjectPublicKeyInfo of a certificate. */
export interface CertificateKey {
  /** Object identifier of the key's algorithm, such as `1.3.101.112` (Ed25519). */
  readonly algorithm: string;
  /** Object identifier of the curve, for elliptic-curve keys that name one. */
  readonly curve: string | undefined;
  /** The key: 32 or 57 bytes for Ed25519 and Ed448, the encoded point for ECDSA. A view of the certificate. */
  readonly publicKey: Uint8Array;
}

const TAG_INTEGER = 0x02;
const TAG_BIT_STRING = 0x03;
const TAG_OBJECT_IDENTIFIER = 0x06;
const TAG_SEQUENCE = 0x30;
const TAG_VERSION = 0xa0;

/** A part of the DER that is being walked. */
interface Part {
  at: number;
  readonly end: number;
}

/** Finds the public key of a DER certificate; `ERR_MALFORMED` if it is not one. */
export function certificateKey(certificate: Uint8Array): CertificateKey {
  const walk = new Walk(certificate);
  const whole: Part = { at: 0, end: certificate.length };
  const outer = walk.enter(whole, TAG_SEQUENCE);
  walk.finish(whole);
  const tbs = walk.enter(outer, TAG_SEQUENCE);
  walk.enter(outer, TAG_SEQUENCE); // signatureAlgorithm
  walk.enter(outer, TAG_BIT_STRING); // signature
  walk.finish(outer);
  if (walk.next(tbs) === TAG_VERSION) walk.enter(tbs, TAG_VERSION);
  walk.enter(tbs, TAG_INTEGER); // serialNumber
  for (let i = 0; i < 4; i++) walk.enter(tbs, TAG_SEQUENCE); // signature, issuer, validity, subject
  const info = walk.enter(tbs, TAG_SEQUENCE);
  const identifier = walk.enter(info, TAG_SEQUENCE);
  const key = walk.enter(info, TAG_BIT_STRING);
  walk.finish(info);
  const algorithm = walk.objectIdentifier(walk.enter(identifier, TAG_OBJECT_IDENTIFIER));
  const namesCurve = walk.next(identifier) === TAG_OBJECT_IDENTIFIER;
  const curve = namesCurve ? walk.objectIdentifier(walk.enter(identifier, TAG_OBJECT_IDENTIFIER)) : undefined;
  if (walk.next(key) !== 0) walk.fail(key.at); // a key of whole bytes
  return { algorithm, curve, publicKey: certificate.subarray(key.at + 1, key.end) };
}

class Walk {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The byte that comes next, or -1 at the end of the part. */
  next(part: Part): number {
    return part.at < part.end ? this.#bytes[part.at]! : -1;
  }

  /** Steps over the element at the front of `part`, which must have this tag; returns its content. */
  enter(part: Part, tag: number): Part {
    if (this.next(part) !== tag) this.fail(part.at);
    part.at++;
    let length = this.#take(part);
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3) this.fail(part.at - 1);
      length = 0;
      for (let i = 0; i < count; i++) length = (length << 8) | this.#take(part);
      const shortest = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
      if (shortest !== count) this.fail(part.at - count);
    }
    if (length > part.end - part.at) this.fail(part.at);
    const content: Part = { at: part.at, end: part.at + length };
    part.at = content.end;
    return content;
  }

  /** The dotted form of an object identifier's content. */
  objectIdentifier(part: Part): string {
    const arcs: number[] = [];
    do {
      let arc = 0;
      let octet = this.#take(part);
      if (octet === 0x80) this.fail(part.at - 1);
      for (; octet >= 0x80; octet = this.#take(part)) {
        arc = (arc | (octet & 0x7f)) * 128;
        if (arc > 0x0fff_ffff) this.fail(part.at);
      }
      arcs.push(arc + octet);
    } while (part.at < part.end);
    const first = Math.min(2, Math.floor(arcs[0]! / 40));
    return [first, arcs[0]! - 40 * first, ...arcs.slice(1)].join(".");
  }

  finish(part: Part): void {
    if (part.at !== part.end) this.fail(part.at);
  }

  fail(offset: number): never {
    const details = { rule: "MLS-5.3-04", struct: "Certificate", offset };
    throw new DecodeError("ERR_MALFORMED", "not DER, or not a certificate", details);
  }

  #take(part: Part): number {
    if (part.at >= part.end) this.fail(part.at);
    return this.#bytes[part.at++]!;
  }
}
