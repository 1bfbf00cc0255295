// The form of what is stored, read and written apart from the library's own reader and writer of it: by noble's
// primitives and this file. Numbers and vectors are the codec's, which has vectors of its own.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Writer } from "../../bindings/codec/writer.ts";
import { Reader } from "../../bindings/codec/reader.ts";
import { utf8 } from "./bytes.ts";

/** Of one item: what it is, and its bytes. */
export interface StoredItem {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** A stored object, taken apart. */
export interface Stored {
  readonly format: number;
  readonly kind: number;
  readonly owner: Uint8Array;
  readonly sequence: bigint;
  readonly open: readonly Uint8Array[];
  readonly random: Uint8Array;
  readonly items: readonly StoredItem[];
}

const HEADER = 5;

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

function head({ format, kind, owner, sequence, open }: Omit<Stored, "random" | "items">): Uint8Array {
  const lengths = written((writer) => {
    writer.uint16(format);
    writer.uint8(kind);
    writer.opaque(owner);
    writer.uint64(sequence);
    writer.uint32List(open.map(({ length }) => length));
  });
  return concat(lengths, ...open);
}

function cipher(
  storageKey: Uint8Array,
  { owner, sequence, random }: Pick<Stored, "owner" | "sequence" | "random">,
  aad: Uint8Array,
): ReturnType<typeof chacha20poly1305> {
  const info = written((writer) => {
    writer.opaque(owner);
    writer.uint64(sequence);
  });
  const okm = expand(sha256, extract(sha256, storageKey, random), concat(utf8("grove record"), info), 44);
  return chacha20poly1305(okm.subarray(0, 32), okm.subarray(32), aad);
}

/** Takes a stored object apart; throws where it is not sealed with this key. */
export function openStored(bytes: Uint8Array, storageKey: Uint8Array): Stored {
  const reader = new Reader(bytes);
  const plain = {
    format: reader.uint16(),
    kind: reader.uint8(),
    owner: reader.opaque(),
    sequence: reader.uint64(),
  };
  const lengths = new Reader(reader.opaque());
  const open: Uint8Array[] = [];
  while (lengths.remaining > 0) open.push(reader.fixed(lengths.uint32()));
  const random = reader.fixed(32);
  const aad = bytes.subarray(0, reader.position - 32);
  const content = cipher(storageKey, { ...plain, random }, aad).decrypt(bytes.subarray(reader.position));
  const view = new DataView(content.buffer, content.byteOffset);
  const items: StoredItem[] = [];
  for (let at = 0; at < content.length;) {
    const length = view.getUint32(at + 1, true);
    items.push({ tag: content[at]!, content: content.slice(at + HEADER, at + HEADER + length) });
    at += HEADER + length;
  }
  return { ...plain, open, random, items };
}

/** Puts it together again. */
export function sealStored(stored: Stored, storageKey: Uint8Array): Uint8Array {
  const aad = head(stored);
  const content = concat(
    ...stored.items.flatMap((item) => {
      const header = new Uint8Array(HEADER);
      header[0] = item.tag;
      new DataView(header.buffer).setUint32(1, item.content.length, true);
      return [header, item.content];
    }),
  );
  return concat(aad, stored.random, cipher(storageKey, stored, aad).encrypt(content));
}
