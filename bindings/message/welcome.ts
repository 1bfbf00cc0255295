// Welcome and GroupSecrets (RFC 9420 section 12.4.3.1).
import type { DecodeContext } from "../codec/context.ts";
import { decodeInner, decodeWhole, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { readPreSharedKeyID, writePreSharedKeyID, type PreSharedKeyID } from "./psk.ts";
import { readHPKECiphertext, writeHPKECiphertext, type HPKECiphertext } from "./updatepath.ts";

/** What a new member finds in its entry of a Welcome. */
export interface GroupSecrets {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: Uint8Array | undefined;
  readonly psks: readonly PreSharedKeyID[];
}

export interface EncryptedGroupSecrets {
  /** KeyPackageRef. */
  readonly newMember: Uint8Array;
  readonly encryptedGroupSecrets: HPKECiphertext;
}

export interface Welcome {
  readonly cipherSuite: number;
  readonly secrets: readonly EncryptedGroupSecrets[];
  readonly encryptedGroupInfo: Uint8Array;
}

function readSecrets(reader: Reader): EncryptedGroupSecrets {
  return { newMember: reader.opaque(), encryptedGroupSecrets: readHPKECiphertext(reader) };
}

export function readWelcome(reader: Reader): Welcome {
  const outer = reader.enter("Welcome");
  const welcome: Welcome = {
    cipherSuite: reader.uint16(),
    secrets: reader.list(readSecrets),
    encryptedGroupInfo: reader.opaque(),
  };
  reader.leave(outer);
  return welcome;
}

export function writeWelcome(writer: Writer, welcome: Welcome): void {
  writer.uint16(welcome.cipherSuite);
  writer.list(welcome.secrets, (to, entry) => {
    to.opaque(entry.newMember);
    writeHPKECiphertext(to, entry.encryptedGroupSecrets);
  });
  writer.opaque(welcome.encryptedGroupInfo);
}

export function decodeWelcome(bytes: Uint8Array, context?: DecodeContext): Welcome {
  return decodeWhole("Welcome", bytes, readWelcome, context);
}

export function encodeWelcome(welcome: Welcome): Uint8Array<ArrayBuffer> {
  return encodeWhole(welcome, writeWelcome);
}

export function readGroupSecrets(reader: Reader): GroupSecrets {
  const outer = reader.enter("GroupSecrets");
  const secrets: GroupSecrets = {
    joinerSecret: reader.opaque(),
    pathSecret: reader.optional((pathSecret) => pathSecret.opaque()),
    psks: reader.list(readPreSharedKeyID, reader.context.limits.proposals),
  };
  reader.leave(outer);
  return secrets;
}

export function writeGroupSecrets(writer: Writer, secrets: GroupSecrets): void {
  writer.opaque(secrets.joinerSecret);
  writer.optional(secrets.pathSecret, (to, pathSecret) => to.opaque(pathSecret));
  writer.list(secrets.psks, writePreSharedKeyID);
}

/** Decodes decrypted GroupSecrets, which must use up their byte string (MLS-2.1.2-07). */
export function decodeGroupSecrets(bytes: Uint8Array, context?: DecodeContext): GroupSecrets {
  return decodeInner("GroupSecrets", bytes, readGroupSecrets, context);
}

export function encodeGroupSecrets(secrets: GroupSecrets): Uint8Array<ArrayBuffer> {
  return encodeWhole(secrets, writeGroupSecrets);
}
