// The secret tree of an epoch and the ratchets in it (RFC 9420, section 9).
import type { Engine } from "../core/engine.ts";
import { failure } from "../core/failure.ts";
import { AEAD_TAG_LENGTH, RATCHET_APPLICATION, RATCHET_HANDSHAKE } from "../core/generated/layout.ts";
import {
  STATUS_INDEX,
  STATUS_LIMIT,
  STATUS_OK,
  STATUS_RATCHET_AHEAD,
  STATUS_RATCHET_CONSUMED,
} from "../core/generated/status.ts";
import { Owned } from "../core/owned.ts";
import type { Secret } from "../core/secret.ts";
import type { Limits } from "../limits.ts";

/** Which of a leaf's two ratchets: proposals and commits use `handshake` (MLS-9.1-03). */
export type Ratchet = "handshake" | "application";

/** Names one key of a secret tree. Consuming these three numbers is all a storage record has to repeat. */
export interface RatchetPosition {
  readonly leafIndex: number;
  readonly ratchet: Ratchet;
  readonly generation: number;
}

/** Where a ratchet stands. */
export interface RatchetState {
  /** The next generation; meaningless once `exhausted`. */
  readonly generation: number;
  /** Keys kept for messages that have not come. */
  readonly skipped: number;
  /** Generation 2^32-1 is used up. */
  readonly exhausted: boolean;
}

const rules: ReadonlyMap<number, string> = new Map([
  [STATUS_RATCHET_CONSUMED, "MLS-9.2-04"],
  [STATUS_RATCHET_AHEAD, "MLS-15.3-02"],
  [STATUS_LIMIT, "MLS-9.1-04"],
  [STATUS_INDEX, "MLS-6.3.2-07"],
]);

function check(status: number, leafIndex: number, generation?: number): void {
  if (status === STATUS_OK) return;
  const rule = rules.get(status);
  throw failure(status, rule === undefined ? { leafIndex } : { leafIndex, rule }, generation?.toString());
}

function ratchetKind(ratchet: Ratchet): number {
  return ratchet === "application" ? RATCHET_APPLICATION : RATCHET_HANDSHAKE;
}

/**
 * The secret tree. Opening a message leaves it as it is; {@link consume} makes the step final once
 * the message has proved genuine (MLS-9.2-06). Sealing consumes at once, for ever (MLS-9.1-02).
 */
export class SecretTree extends Owned {
  private constructor(engine: Engine, handle: number) {
    super(engine, handle, "secretTreeRelease");
  }

  /** The tree of an epoch. It takes the encryption_secret over (MLS-9.2-02); `leafCount` is a power of two. */
  static create(
    kdf: number,
    aead: number,
    encryptionSecret: Secret,
    leafCount: number,
    limits: Pick<Limits, "skippedKeys" | "forwardGenerations">,
  ): SecretTree {
    const { engine, handle } = encryptionSecret;
    const tree = new SecretTree(
      engine,
      engine.core.secretTreeCreate(kdf, aead, handle, leafCount, limits.skippedKeys, limits.forwardGenerations),
    );
    encryptionSecret.handOver();
    return tree;
  }

  /** Takes over a handle that the core returned. */
  static adopt(engine: Engine, handle: number): SecretTree {
    return new SecretTree(engine, handle);
  }

  /**
   * Seals `plaintext`, with so many zero bytes behind it, in the next generation of our own leaf's ratchet, into
   * `ciphertext`, which is 16 bytes longer.
   */
  seal(
    leafIndex: number,
    ratchet: Ratchet,
    reuseGuard: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    padding = 0,
    ciphertext: Uint8Array = new Uint8Array(plaintext.length + padding + AEAD_TAG_LENGTH),
  ): { readonly generation: number; readonly ciphertext: Uint8Array } {
    const { engine, handle } = this;
    return engine.frame((core, frame) => {
      const generation = frame.take(4);
      const length = plaintext.length + padding;
      if (ciphertext.length !== length + AEAD_TAG_LENGTH) throw new RangeError("a ciphertext is 16 bytes longer");
      const padded = frame.take(length);
      engine.bytes.set(plaintext, padded);
      const dst = frame.take(ciphertext.length);
      const status = core.secretTreeSeal(
        handle,
        leafIndex,
        ratchetKind(ratchet),
        generation,
        frame.put(reuseGuard),
        dst,
        frame.put(aad),
        aad.length,
        padded,
        length,
      );
      check(status, leafIndex);
      ciphertext.set(engine.bytes.subarray(dst, dst + ciphertext.length));
      return { generation: engine.word(generation), ciphertext };
    });
  }

  /** Opens a message; throws `ERR_RATCHET` for a used or too distant generation, `ERR_DECRYPT` for a forgery. */
  open(
    position: RatchetPosition,
    reuseGuard: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array<ArrayBuffer> {
    const { engine, handle } = this;
    return engine.frame((core, frame) => {
      const dst = frame.take(ciphertext.length);
      const status = core.secretTreeOpen(
        handle,
        position.leafIndex,
        ratchetKind(position.ratchet),
        position.generation,
        frame.put(reuseGuard),
        dst,
        frame.put(aad),
        aad.length,
        frame.put(ciphertext),
        ciphertext.length,
      );
      check(status, position.leafIndex, position.generation);
      return engine.copyOut(dst, ciphertext.length - AEAD_TAG_LENGTH);
    });
  }

  /** Uses a generation up: after its message proved genuine, or when a storage record is replayed. */
  consume(position: RatchetPosition): void {
    check(this.#consume(position), position.leafIndex, position.generation);
  }

  /**
   * The same for a message that proved genuine a while ago, whose generation another one of this sender may have used up
   * meanwhile; whether it was left for this one. MLS-9.2-06
   */
  useUp(position: RatchetPosition): boolean {
    const status = this.#consume(position);
    if (status === STATUS_RATCHET_CONSUMED) return false;
    check(status, position.leafIndex, position.generation);
    return true;
  }

  #consume({ leafIndex, ratchet, generation }: RatchetPosition): number {
    const { engine, handle } = this;
    return engine.frame((core) => core.secretTreeConsume(handle, leafIndex, ratchetKind(ratchet), generation));
  }

  /** Where a leaf's ratchet stands (MLS-16.9-01: gaps in a sender's generations show lost messages). */
  state(leafIndex: number, ratchet: Ratchet): RatchetState {
    const { engine, handle } = this;
    return engine.frame((core, frame) => {
      const out = frame.take(12);
      check(core.secretTreeRatchet(handle, leafIndex, ratchetKind(ratchet), out), leafIndex);
      return { generation: engine.word(out), skipped: engine.word(out + 4), exhausted: engine.word(out + 8) === 1 };
    });
  }
}
