// Credential (RFC 9420 section 5.3).
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { CERTIFICATES_LIMIT, CredentialType } from "./constants.ts";

/** An identity that the application defines. */
export interface BasicCredential {
  readonly kind: "basic";
  /** Bytes that only the application understands. */
  readonly identity: Uint8Array;
}

/** A chain of DER certificates, the client's own first (MLS-5.3-04). */
export interface X509Credential {
  readonly kind: "x509";
  /** One DER certificate each; the first one holds the member's signature key. */
  readonly certificates: readonly Uint8Array[];
}

/** A credential type that the application registered; one opaque vector. */
export interface CustomCredential {
  readonly kind: "custom";
  /** The number of the type; 0xF000 to 0xFFFF are for private use. */
  readonly credentialType: number;
  /** The body. */
  readonly data: Uint8Array;
}

/** Who somebody is, as the application defines it (RFC 9420 section 5.3). */
export type Credential = BasicCredential | X509Credential | CustomCredential;

/** The credential's type as in section 17.5. */
export function credentialTypeOf(credential: Credential): number {
  return credential.kind === "custom" ? credential.credentialType : CredentialType[credential.kind];
}

/** The same in bytes of its own. */
export function copyCredential(credential: Credential): Credential {
  switch (credential.kind) {
    case "basic":
      return { ...credential, identity: Uint8Array.from(credential.identity) };
    case "x509":
      return { ...credential, certificates: credential.certificates.map((each) => Uint8Array.from(each)) };
    case "custom":
      return { ...credential, data: Uint8Array.from(credential.data) };
  }
}

export function readCredential(reader: Reader): Credential {
  const outer = reader.enter("Credential");
  const credential = readBody(reader);
  reader.leave(outer);
  return credential;
}

function readBody(reader: Reader): Credential {
  const position = reader.position;
  const credentialType = reader.uint16();
  switch (credentialType) {
    case CredentialType.basic:
      return { kind: "basic", identity: reader.opaque() };
    case CredentialType.x509:
      return { kind: "x509", certificates: reader.list((certificate) => certificate.opaque(), CERTIFICATES_LIMIT) };
    default:
      // MLS-5.3-01: without a length before it, an unknown body cannot be skipped.
      if (!reader.context.customCredentialTypes.has(credentialType)) {
        reader.unsupported(`unknown credential type ${credentialType}`, "MLS-5.3-01", position);
      }
      return { kind: "custom", credentialType, data: reader.opaque() };
  }
}

export function writeCredential(writer: Writer, credential: Credential): void {
  writer.uint16(credentialTypeOf(credential));
  switch (credential.kind) {
    case "basic":
      return writer.opaque(credential.identity);
    case "x509":
      return writer.list(credential.certificates, (to, certificate) => to.opaque(certificate));
    case "custom":
      return writer.opaque(credential.data);
  }
}
