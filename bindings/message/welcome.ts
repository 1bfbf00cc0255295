// Welcome and GroupSecrets (RFC 9420 section 12.4.3.1).
import { defaultContext, type DecodeContext } from "../codec/context.ts";
import { decodeInner, decodeWhole, Reader } from "../codec/reader.ts";
import { headerLength, readHeader } from "../codec/varint.ts";
import { equalBytes } from "../codec/equal.ts";
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
  readonly secrets: WelcomeEntries;
  readonly encryptedGroupInfo: Uint8Array;
}

/** The entries of a Welcome: a newcomer needs one of perhaps 100,000, so they are read when they are asked for. */
export class WelcomeEntries implements Iterable<EncryptedGroupSecrets> {
  readonly #bytes: Uint8Array;
  readonly #starts: readonly number[];
  readonly #context: DecodeContext;

  /** Of well-formed entries that begin at `starts`. */
  constructor(bytes: Uint8Array, starts: readonly number[], context: DecodeContext) {
    this.#bytes = bytes;
    this.#starts = starts;
    this.#context = context;
  }

  /** Of entries that were just made. */
  static of(entries: Iterable<EncryptedGroupSecrets>): WelcomeEntries {
    const starts: number[] = [];
    const bytes = encodeWhole(entries, (writer) => {
      for (const { newMember, encryptedGroupSecrets } of entries) {
        starts.push(writer.length);
        writer.opaque(newMember);
        writeHPKECiphertext(writer, encryptedGroupSecrets);
      }
    });
    return new WelcomeEntries(bytes, starts, defaultContext);
  }

  get length(): number {
    return this.#starts.length;
  }

  /** All of them as on the wire, without the header of their list. */
  get encoded(): Uint8Array {
    return this.#bytes;
  }

  *[Symbol.iterator](): Generator<EncryptedGroupSecrets, void, undefined> {
    for (const start of this.#starts) {
      yield readEntry(new Reader(this.#bytes.subarray(start), this.#context, "Welcome"));
    }
  }

  /** The entries for any of these KeyPackageRefs. MLS-12.4.3.1-07 */
  *for(references: Iterable<Uint8Array>): Generator<EncryptedGroupSecrets, void, undefined> {
    const wanted = new Set<number>();
    for (const reference of references) wanted.add(firstWord(reference, 0));
    for (const start of this.#starts) {
      const length = readHeader(this.#bytes, start, this.#bytes.length);
      if (!wanted.has(firstWord(this.#bytes, start + headerLength(length)))) continue;
      const entry = readEntry(new Reader(this.#bytes.subarray(start), this.#context, "Welcome"));
      for (const reference of references) if (equalBytes(reference, entry.newMember)) yield entry;
    }
  }
}

// Hashes that differ do so in their first four bytes, but for one in 2^32.
function firstWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function readEntry(reader: Reader): EncryptedGroupSecrets {
  return { newMember: reader.opaque(), encryptedGroupSecrets: readHPKECiphertext(reader) };
}

function readEntries(reader: Reader): WelcomeEntries {
  const starts = reader.list(() => {
    const start = reader.position;
    for (let field = 0; field < 3; field++) reader.skipOpaque();
    return start;
  });
  const [first = reader.position] = starts;
  return new WelcomeEntries(
    reader.since(first),
    starts.map((start) => start - first),
    reader.context,
  );
}

export function readWelcome(reader: Reader): Welcome {
  const outer = reader.enter("Welcome");
  const welcome: Welcome = {
    cipherSuite: reader.uint16(),
    secrets: readEntries(reader),
    encryptedGroupInfo: reader.opaque(),
  };
  reader.leave(outer);
  return welcome;
}

export function writeWelcome(writer: Writer, welcome: Welcome): void {
  writer.uint16(welcome.cipherSuite);
  writer.opaque(welcome.secrets.encoded);
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
