// Sealed records: what is stored of a group's secrets, written and read inside the core.
import { encodeWhole } from "../codec/writer.ts";
import type { CoreBytes, Engine } from "../core/engine.ts";
import { failure, ok } from "../core/failure.ts";
import { STATUS_DECRYPT, STATUS_MALFORMED } from "../core/generated/status.ts";
import { Owned } from "../core/owned.ts";
import { Secret } from "../core/secret.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import { InternalError, StateError } from "../errors.ts";
import { SecretTree } from "../schedule/ratchet.ts";

/** Whose record it is; with the header before it what a record is bound to: under any other it does not open. */
export interface RecordName {
  readonly groupId: Uint8Array;
  /** The record's number in the group's sequence. */
  readonly sequence: bigint;
}

const RANDOM_LENGTH = 32;

function encodeInfo({ groupId, sequence }: RecordName): Uint8Array {
  return encodeWhole(groupId, (writer) => {
    writer.opaque(groupId);
    writer.uint64(sequence);
  });
}

function recordError(message: string, cause: unknown): StateError {
  return new StateError("ERR_STATE_RECORD", message, { cause });
}

/** Collects bytes, secrets and secret trees in the core and seals them into one record. */
export class RecordWriter extends Owned {
  constructor(engine: Engine) {
    super(engine, engine.core.writerCreate(), "writerRelease");
  }

  /** Adds plain bytes. */
  bytes(bytes: Uint8Array): this {
    const { handle } = this;
    this.engine.frame((core, frame) => ok(core.writerBytes(handle, frame.put(bytes), bytes.length)));
    return this;
  }

  /** Adds a secret, which stays. */
  secret(secret: Secret): this {
    const { handle } = this;
    this.engine.frame((core) => ok(core.writerSecret(handle, secret.handle)));
    return this;
  }

  /** Adds a whole secret tree, which stays. For the change of one message its RatchetPosition is enough. */
  secretTree(tree: SecretTree): this {
    const { handle } = this;
    this.engine.frame((core) => ok(core.writerSecretTree(handle, tree.handle)));
    return this;
  }

  /**
   * The header, which stays in the clear: `header` and then `open`; behind it the sealed record of everything added, bound
   * to it. The key comes from the storage key (at least 16 bytes), the name and 32 fresh random bytes, so
   * that two histories under one sequence number never share it. On success the writer is used up; else it stays.
   */
  seal(
    storageKey: Secret,
    name: RecordName,
    header: Uint8Array,
    open: readonly CoreBytes[],
    random: RandomSource,
  ): Uint8Array<ArrayBuffer> {
    const { engine, handle } = this;
    if (storageKey.length < 16) throw new RangeError("a storage key has at least 16 bytes");
    const fresh = randomBytes(random, RANDOM_LENGTH);
    const info = encodeInfo(name);
    const whole = engine.frame((core, frame) => {
      const [randomAt, infoAt] = [frame.put(fresh), frame.put(info)];
      const headerLength = open.reduce((sum, part) => sum + part.length, header.length);
      const length = headerLength + ok(core.writerLength(handle));
      const start = frame.take(length);
      engine.bytes.set(header, start);
      let at = start + header.length;
      for (const part of open) {
        if (part.write(core, at) !== part.length) throw new InternalError("ERR_INTERNAL", "a part of another length");
        at += part.length;
      }
      ok(core.writerSeal(handle, storageKey.handle, randomAt, infoAt, info.length, start, headerLength, at));
      return engine.copyOut(start, length);
    });
    this.wipe();
    return whole;
  }
}

/** Hands out what a {@link RecordWriter} sealed, in the same order and of the same kinds; else `ERR_STATE_RECORD`. */
export class RecordReader extends Owned {
  readonly #given: Owned[] = [];

  private constructor(engine: Engine, handle: number) {
    super(engine, handle, "readerRelease");
  }

  /**
   * Opens the record behind the header, whose length is given; throws `ERR_STATE_RECORD` when key, name or any
   * byte are not those it was sealed with.
   */
  static open(storageKey: Secret, name: RecordName, whole: Uint8Array, headerLength: number): RecordReader {
    const { engine, handle } = storageKey;
    const info = encodeInfo(name);
    const opened = engine.frame((core, frame) => {
      const length = whole.length - headerLength;
      if (length < 0) return STATUS_DECRYPT;
      const [infoAt, start] = [frame.put(info), frame.put(whole)];
      return core.readerOpen(handle, infoAt, info.length, start, headerLength, start + headerLength, length);
    });
    if (opened === STATUS_DECRYPT) throw recordError("the record does not open", failure(opened));
    return new RecordReader(engine, opened);
  }

  /** The plain bytes that come next. */
  bytes(): Uint8Array<ArrayBuffer> {
    const { engine, handle } = this;
    return engine.frame((core, frame) => {
      const length = this.#item(core.readerBytesLength(handle));
      const dst = frame.take(length);
      this.#item(core.readerBytes(handle, dst));
      return engine.copyOut(dst, length);
    });
  }

  /** The secret that comes next. */
  secret(): Secret {
    return this.#give(Secret.adopt(this.engine, this.#item(this.engine.core.readerSecret(this.handle))));
  }

  /** The secret tree that comes next. */
  secretTree(): SecretTree {
    return this.#give(SecretTree.adopt(this.engine, this.#item(this.engine.core.readerSecretTree(this.handle))));
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return ok(this.engine.core.readerLeft(this.handle));
  }

  /** Fails unless everything was read, and wipes the reader. */
  finish(): void {
    const { left } = this;
    this.wipe();
    if (left !== 0) throw recordError(`${left} bytes of the record were not read`, failure(STATUS_MALFORMED));
  }

  /** Wipes the reader and everything that it handed out: the record is refused. MLS-9.2-07 */
  abandon(): void {
    for (const each of this.#given) each.wipe();
    this.wipe();
  }

  #give<T extends Owned>(item: T): T {
    this.#given.push(item);
    return item;
  }

  #item(status: number): number {
    if (status === STATUS_MALFORMED) throw recordError("the record holds something else here", failure(status));
    return ok(status);
  }
}
