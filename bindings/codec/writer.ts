import { VECTOR_LIMIT, headerLength, vectorLength, writeHeader } from "./varint.ts";

/**
 * Writes the presentation language of RFC 9420 (section 2.1). Values out of range throw RangeError:
 * they are the caller's mistake, never a peer's.
 */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `capacity` is a guess of the final length; the buffer doubles when it does not suffice. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  uint8(value: number): void {
    this.#check(value, 0xff);
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  uint16(value: number): void {
    this.#check(value, 0xffff);
    const at = this.#reserve(2);
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value & 0xff;
  }

  uint32(value: number): void {
    this.#check(value, 0xffff_ffff);
    const at = this.#reserve(4);
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = (value >>> 16) & 0xff;
    this.#bytes[at + 2] = (value >>> 8) & 0xff;
    this.#bytes[at + 3] = value & 0xff;
  }

  uint64(value: bigint): void {
    if (typeof value !== "bigint") throw new TypeError("expected a bigint");
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`${value} is no uint64`);
    this.uint32(Number(value >> 32n));
    this.uint32(Number(value & 0xffff_ffffn));
  }

  /** Bytes without a length: `opaque x[n]`, or something encoded already. */
  fixed(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** `opaque x<V>`. */
  opaque(bytes: Uint8Array): void {
    const at = this.#reserve(vectorLength(bytes.length));
    this.#bytes.set(bytes, writeHeader(this.#bytes, at, bytes.length));
  }

  /**
   * A vector of whatever `write` writes. The longest header is reserved and small content moved up
   * to a shorter one, so that large content is never moved.
   */
  vector(write: (writer: Writer) => void): void {
    const header = this.#reserve(4);
    const content = this.#length;
    write(this);
    const length = this.#length - content;
    if (length > VECTOR_LIMIT) throw new RangeError(`a vector cannot hold ${length} bytes`);
    const unused = 4 - headerLength(length);
    if (unused > 0) {
      this.#bytes.copyWithin(content - unused, content, this.#length);
      this.#bytes.fill(0, this.#length - unused, this.#length); // what lies behind the length is always zero
    }
    writeHeader(this.#bytes, header, length);
    this.#length -= unused;
  }

  /** `T x<V>`. */
  list<T>(elements: readonly T[], writeElement: (writer: Writer, element: T) => void): void {
    this.vector(() => {
      for (const element of elements) writeElement(this, element);
    });
  }

  /** `uint16 x<V>`. */
  uint16List(values: readonly number[]): void {
    this.vector(() => {
      for (const value of values) this.uint16(value);
    });
  }

  /** `uint32 x<V>`. */
  uint32List(values: readonly number[]): void {
    this.vector(() => {
      for (const value of values) this.uint32(value);
    });
  }

  /** `optional<T>`. */
  optional<T>(value: T | undefined, write: (writer: Writer, value: T) => void): void {
    this.uint8(value === undefined ? 0 : 1);
    if (value !== undefined) write(this, value);
  }

  /** A name's place in the list of an enum's names. */
  enumeration<Name extends string>(names: readonly (Name | undefined)[], name: Name): void {
    const value = names.indexOf(name);
    if (value < 1) throw new RangeError(`unknown kind ${name}`);
    this.uint8(value);
  }

  /** A copy of what has been written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** What has been written, without a copy if it fills the buffer; the writer is not to be used again. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.length ? this.#bytes : this.finish();
  }

  /** A vector of zero bytes that are filled in later; where they begin. */
  room(lengthBytes: number): number {
    const at = this.#reserve(headerLength(lengthBytes));
    writeHeader(this.#bytes, at, lengthBytes);
    return this.#reserve(lengthBytes);
  }

  /** What has been written, in the writer's own buffer: gone with its next use. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Sees to it that so many bytes fit into a writer that holds nothing. */
  prepare(capacity: number): void {
    if (capacity > this.#bytes.length) this.#bytes = new Uint8Array(capacity);
  }

  /** Wipes and forgets what has been written; returns the capacity. */
  clear(): number {
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    return this.#bytes.length;
  }

  #check(value: number, maximum: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value <= maximum)) {
      throw new RangeError(`${value} is not a whole number up to ${maximum}`);
    }
  }

  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}

/** From here on an encoding of known length has a buffer of its own from the start, which is not copied. */
const LARGE = 65_536;
/** A buffer of so many bytes is worth keeping, and not too much to keep. */
const SPARE_LIMIT = 131_072;
// One is in use for each struct that is being written within another.
const spares: Writer[] = [new Writer(1024)];

function withSpare<T, R>(
  value: T,
  write: (writer: Writer, value: T) => void,
  capacity: number,
  use: (writer: Writer) => R,
): R {
  const writer = spares.pop() ?? new Writer();
  try {
    writer.prepare(capacity);
    write(writer, value);
    return use(writer);
  } finally {
    if (writer.clear() <= SPARE_LIMIT) spares.push(writer);
  }
}

/**
 * The encoding of one value. Small ones are written into one buffer that is kept and wiped: fresh memory for every struct
 * of a message would cost more than the writing. Large ones are not copied if `capacity` is their length.
 */
export function encodeWhole<T>(
  value: T,
  write: (writer: Writer, value: T) => void,
  capacity = 0,
): Uint8Array<ArrayBuffer> {
  if (capacity <= LARGE) return withSpare(value, write, capacity, (writer) => writer.finish());
  const writer = new Writer(capacity);
  write(writer, value);
  return writer.take();
}

/**
 * Lends the encoding of one value for the time of `use` and wipes it then: for what is signed or sealed and wanted no
 * longer.
 */
export function lendWhole<T, R>(
  value: T,
  write: (writer: Writer, value: T) => void,
  use: (encoded: Uint8Array<ArrayBuffer>) => R,
  capacity = 0,
): R {
  return withSpare(value, write, capacity, (writer) => use(writer.view()));
}
