import { DecodeError, UnsupportedError, ValidationError, type ErrorCode } from "../errors.ts";
import { defaultContext, type DecodeContext } from "./context.ts";
import { HEADER_INVALID, HEADER_SHORT, headerLength, readHeader } from "./varint.ts";

/**
 * Reads the presentation language of RFC 9420 (section 2.1), strictly. Byte strings come back as
 * views of the input, never copies; every length is checked before anything is allocated. After an
 * error the reader is of no further use.
 */
export class Reader {
  readonly context: DecodeContext;
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #at = 0;
  #end: number;
  #struct: string;

  /** A reader over `bytes`; `base` is added to the offsets that errors name. */
  constructor(bytes: Uint8Array, context: DecodeContext = defaultContext, struct = "opaque", base = 0) {
    this.context = context;
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#struct = struct;
    this.#base = base;
  }

  /** Position in the reader's input. */
  get position(): number {
    return this.#at;
  }

  /** Bytes left, up to the end of the list that is being read. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** What has been read since `position`, as a view. */
  since(position: number): Uint8Array {
    return this.#bytes.subarray(position, this.#at);
  }

  /** The unread part, as a view. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** Names the struct that is read from here on; returns the name to restore with {@link leave}. */
  enter(struct: string): string {
    const outer = this.#struct;
    this.#struct = struct;
    return outer;
  }

  leave(outer: string): void {
    this.#struct = outer;
  }

  uint8(): number {
    this.#need(1);
    return this.#bytes[this.#at++]!;
  }

  uint16(): number {
    this.#need(2);
    const at = this.#at;
    this.#at = at + 2;
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  uint32(): number {
    this.#need(4);
    const at = this.#at;
    const bytes = this.#bytes;
    this.#at = at + 4;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** MLS-2.1-01: no loss above 2^53. */
  uint64(): bigint {
    const high = this.uint32();
    return (BigInt(high) << 32n) | BigInt(this.uint32());
  }

  /** `opaque x[length]`: a view of that many bytes. */
  fixed(length: number): Uint8Array {
    this.#need(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** `opaque x<V>`: a view of the content. `rule` is named if the vector is malformed. */
  opaque(rule?: string): Uint8Array {
    return this.fixed(this.#header(rule));
  }

  /** Steps over an `opaque x<V>`, as strictly as {@link opaque} reads it. */
  skipOpaque(): void {
    const length = this.#header();
    this.#at += length;
  }

  /** `T x<V>`: the elements must end exactly with the vector (MLS-2.1.2-05). */
  list<T>(readElement: (reader: Reader) => T, maximum: number = this.context.limits.leaves): T[] {
    const elements: T[] = [];
    this.#elements(maximum, () => elements.push(readElement(this)));
    return elements;
  }

  #elements(maximum: number, take: (reader: Reader) => void): void {
    const length = this.#header();
    const outerEnd = this.#end;
    this.#end = this.#at + length;
    for (let count = 0; this.#at < this.#end; count++) {
      if (count >= maximum) this.fail(`more than ${maximum} elements`, "DEF-06", "ERR_LIMIT");
      take(this);
    }
    this.#end = outerEnd;
  }

  /**
   * The same for a list that few ask for: its elements are only stepped over, as strictly as `skip` does it. What is
   * returned reads them, the first time that it is called.
   */
  deferredList<T>(skip: (reader: Reader) => void, readElement: (reader: Reader) => T): () => readonly T[] {
    const start = this.#at;
    this.#elements(this.context.limits.leaves, skip);
    const later = new Reader(this.since(start), this.context, this.#struct, this.#base + start);
    let elements: readonly T[] | undefined;
    return () => (elements ??= later.list(readElement));
  }

  /** `uint16 x<V>`. */
  uint16List(): number[] {
    return this.#numbers(2, () => this.uint16());
  }

  /** `uint32 x<V>` of at most `maximum` elements. */
  uint32List(maximum: number = this.context.limits.leaves): number[] {
    return this.#numbers(4, () => this.uint32(), maximum);
  }

  #numbers(size: number, read: () => number, maximum: number = 0x10000): number[] {
    const at = this.#at;
    const length = this.#header();
    if (length % size !== 0) {
      this.#at = at;
      this.fail(`a list of ${size}-byte numbers has ${length} bytes`, "MLS-2.1.2-05");
    }
    if (length / size > maximum) {
      this.fail(`${length / size} elements, over the limit of ${maximum}`, "DEF-06", "ERR_LIMIT");
    }
    return Array.from({ length: length / size }, read);
  }

  /** `optional<T>` (MLS-2.1.1-01). */
  optional<T>(read: (reader: Reader) => T): T | undefined {
    const present = this.uint8();
    if (present > 1)
      this.fail(`presence octet ${present} instead of 0 or 1`, "MLS-2.1.1-01", "ERR_MALFORMED", this.#at - 1);
    return present === 1 ? read(this) : undefined;
  }

  /** An enum of one octet: the name at the value's place in `names`, whose place 0 is reserved. */
  enumeration<Name extends string>(names: readonly (Name | undefined)[], rule: string): Name {
    const value = this.uint8();
    const name = names[value];
    if (name === undefined) {
      const known = names.filter(Boolean).join(", ");
      this.fail(`unknown value ${value}, none of ${known}`, rule, "ERR_MALFORMED", this.#at - 1);
    }
    return name;
  }

  /** Fails unless everything has been read. */
  finish(rule = "MLS-2.1.2-07"): void {
    if (this.#at !== this.#end) this.fail(`${this.remaining} bytes too many`, rule);
  }

  /** A malformed or over-long input, at the present position. */
  fail(
    message: string,
    rule?: string,
    code: "ERR_MALFORMED" | "ERR_LIMIT" = "ERR_MALFORMED",
    position: number = this.#at,
  ): never {
    throw new DecodeError(code, message, this.#details(position, rule));
  }

  /** A value this client cannot handle. */
  unsupported(message: string, rule: string, position: number = this.#at): never {
    throw new UnsupportedError("ERR_UNSUPPORTED", message, this.#details(position, rule));
  }

  /** A well-formed value that a rule forbids. */
  forbidden(code: ErrorCode, message: string, rule: string, position: number = this.#at): never {
    throw new ValidationError(code, message, this.#details(position, rule));
  }

  #need(length: number): void {
    if (length > this.#end - this.#at) {
      this.fail(`needs ${length} bytes, ${this.remaining} are left`, "MLS-2.1-01");
    }
  }

  #header(rule?: string): number {
    const length = readHeader(this.#bytes, this.#at, this.#end);
    if (length < 0) {
      if (length === HEADER_SHORT) this.fail("ends inside a vector's length", rule ?? "MLS-2.1.2-03");
      if (length === HEADER_INVALID) this.fail("vector length with prefix 11", "MLS-2.1.2-02");
      this.fail("vector length in more bytes than needed", "MLS-2.1.2-01");
    }
    const content = this.#at + headerLength(length);
    if (length > this.#end - content) {
      this.fail(`a vector of ${length} bytes, ${this.#end - content} are left`, rule ?? "MLS-2.1.2-03");
    }
    this.#at = content;
    return length;
  }

  #details(position: number, rule: string | undefined): { struct: string; offset: number; rule?: string } {
    const place = { struct: this.#struct, offset: this.#base + position };
    return rule === undefined ? place : { ...place, rule };
  }
}

/**
 * Decodes the whole of `bytes` as one struct. The input is copied first, once, so that views of it
 * stay valid whatever the caller does with its buffer. `rule` is the one that forbids a rest.
 */
export function decodeWhole<T>(
  struct: string,
  bytes: Uint8Array,
  read: (reader: Reader) => T,
  context: DecodeContext = defaultContext,
  rule?: string,
): T {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${struct}: expected a Uint8Array`);
  const limit = context.limits.groupMessageBytes;
  if (bytes.length > limit) {
    const message = `${bytes.length} bytes, over the limit of ${limit}`;
    throw new DecodeError("ERR_LIMIT", message, { struct, rule: "DEF-12" });
  }
  // Not `bytes.slice()`: the one of Node's Buffer does not copy.
  return decodeInner(struct, new Uint8Array(bytes), read, context, rule);
}

/**
 * The same for a byte string out of a message that has been copied already, or out of the core:
 * the result holds views of it, and no further copy of a secret is made.
 */
export function decodeInner<T>(
  struct: string,
  bytes: Uint8Array,
  read: (reader: Reader) => T,
  context: DecodeContext = defaultContext,
  rule?: string,
): T {
  const reader = new Reader(bytes, context, struct);
  const value = read(reader);
  reader.finish(rule);
  return value;
}
