// The outer form of what is stored: who it belongs to in the clear, everything else sealed.

import { requireBytes } from "../codec/argument.ts";
import { Reader } from "../codec/reader.ts";
import { encodeWhole } from "../codec/writer.ts";
import type { CoreBytes } from "../core/engine.ts";
import type { Secret } from "../core/secret.ts";
import type { RandomSource } from "../crypto/random.ts";
import { MlsError, StateError } from "../errors.ts";
import { RecordReader, type RecordWriter } from "./vault.ts";

/** Raised with every change of a stored form. */
const FORMAT = 2;

/** Open parts that a container has at most: a tree and its hashes. */
const OPEN_PARTS = 2;

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
}

/** A container that has been opened. */
export interface OpenedContainer extends ContainerHead {
  /** The parts that were not sealed but bound. */
  readonly open: readonly Uint8Array[];
  readonly sealed: RecordReader;
}

/**
 * Seals what the writer has collected. The head is bound to it, and so are the `open` parts, which the core writes into
 * the clear: the ratchet tree of a snapshot.
 */
export function sealContainer(
  head: ContainerHead,
  open: readonly CoreBytes[],
  content: RecordWriter,
  storageKey: Secret | undefined,
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  const header = encodeWhole(head, (writer) => {
    writer.uint16(FORMAT);
    writer.enumeration(kinds, head.kind);
    writer.opaque(head.owner);
    writer.uint64(head.sequence);
    writer.uint32List(open.map((part) => part.length));
  });
  const name = { groupId: head.owner, sequence: head.sequence };
  return content.seal(requireStorageKey(storageKey), name, header, open, random);
}

/** Throws `ERR_USAGE` for a client without a storage key. */
export function requireStorageKey(storageKey: Secret | undefined): Secret {
  if (storageKey !== undefined) return storageKey;
  throw new StateError("ERR_USAGE", "storing needs a client with a storageKey");
}

/** Opens a container of one of these kinds; throws `ERR_STATE_RECORD` for anything else, `ERR_USAGE` without a key. */
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
    };
    const open = reader.uint32List(OPEN_PARTS).map((length) => reader.fixed(length));
    if (!expected.includes(head.kind)) {
      throw new StateError("ERR_STATE_RECORD", `a ${head.kind} instead of a ${expected.join(" or ")}`);
    }
    const name = { groupId: head.owner, sequence: head.sequence };
    return { ...head, open, sealed: RecordReader.open(key, name, bytes, reader.position) };
  } catch (error) {
    throw asRecordError(error);
  }
}

/** Errors that say nothing of what is stored. */
const others: ReadonlySet<string> = new Set(["ERR_UNSUPPORTED", "ERR_RANDOM", "ERR_INTERNAL", "ERR_ENGINE_POISONED"]);

/** What else goes wrong while a stored state is read is a fault of the store. */
export function asRecordError(error: unknown): unknown {
  if (!(error instanceof MlsError) || error.code === "ERR_STATE_RECORD" || others.has(error.code)) return error;
  return new StateError("ERR_STATE_RECORD", `the stored state cannot be read: ${error.message}`, { cause: error });
}
