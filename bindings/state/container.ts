// The outer form of what is stored: who it belongs to in the clear, everything else sealed.

import { requireBytes } from "../codec/argument.ts";
import { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import type { Secret } from "../core/secret.ts";
import type { RandomSource } from "../crypto/random.ts";
import { MlsError, StateError } from "../errors.ts";
import { RecordReader, type RecordWriter } from "./vault.ts";

/** Raised with every change of a stored form. */
const FORMAT = 1;

/** What a stored object is. */
export type StoredKind = "client" | "snapshot" | "record";

const kinds = [undefined, "client", "snapshot", "record"] as const;

/** What a container says in the clear. */
export interface ContainerHead {
  readonly kind: StoredKind;
  /** The group's name; a client's signature key. */
  readonly owner: Uint8Array;
  /** Number in the sequence of the owner's stored objects. */
  readonly sequence: bigint;
  /** Not sealed, but bound: the ratchet tree of a snapshot. */
  readonly open: Uint8Array;
}

/** A container that has been opened. */
export interface OpenedContainer extends ContainerHead {
  readonly sealed: RecordReader;
}

function writeHead(writer: Writer, head: ContainerHead): void {
  writer.uint16(FORMAT);
  writer.enumeration(kinds, head.kind);
  writer.opaque(head.owner);
  writer.uint64(head.sequence);
  writer.opaque(head.open);
}

/** Seals what the writer has collected; the head is bound to it. */
export function sealContainer(
  head: ContainerHead,
  content: RecordWriter,
  storageKey: Secret | undefined,
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer(head.open.length + 4096);
  writeHead(writer, head);
  const header = writer.finish();
  const binding = { groupId: head.owner, sequence: head.sequence, header };
  const sealed = content.seal(requireStorageKey(storageKey), binding, random);
  const whole = new Uint8Array(header.length + sealed.length);
  whole.set(header);
  whole.set(sealed, header.length);
  return whole;
}

/** Throws `ERR_USAGE` for a client without a storage key. */
export function requireStorageKey(storageKey: Secret | undefined): Secret {
  if (storageKey !== undefined) return storageKey;
  throw new StateError("ERR_USAGE", "saving needs a client with a storageKey");
}

/** Opens a container of one of these kinds; throws `ERR_STATE_RECORD` for anything else. */
export function openContainer(
  bytes: Uint8Array,
  storageKey: Secret | undefined,
  ...expected: readonly StoredKind[]
): OpenedContainer {
  requireBytes(bytes, "a stored state");
  const key = requireStorageKey(storageKey);
  try {
    const reader = new Reader(bytes);
    const format = reader.uint16();
    if (format !== FORMAT)
      throw new StateError("ERR_STATE_RECORD", `a stored state of format ${format} instead of ${FORMAT}`);
    const head: ContainerHead = {
      kind: reader.enumeration(kinds, "MLS-6.3.1-10"),
      owner: reader.opaque(),
      sequence: reader.uint64(),
      open: reader.opaque(),
    };
    if (!expected.includes(head.kind)) {
      throw new StateError("ERR_STATE_RECORD", `a ${head.kind} instead of a ${expected.join(" or ")}`);
    }
    const binding = { groupId: head.owner, sequence: head.sequence, header: bytes.subarray(0, reader.position) };
    return { ...head, sealed: RecordReader.open(key, binding, bytes.subarray(reader.position)) };
  } catch (error) {
    throw asRecordError(error);
  }
}

/** What goes wrong while a stored state is read is a fault of the store. */
export function asRecordError(error: unknown): unknown {
  if (!(error instanceof MlsError) || error.code === "ERR_STATE_RECORD" || error.code === "ERR_UNSUPPORTED")
    return error;
  return new StateError("ERR_STATE_RECORD", `the stored state cannot be read: ${error.message}`, { cause: error });
}
