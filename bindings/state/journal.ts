// What has changed since the last record: a list of small entries, each written into the core the moment
// it happens, because the secrets of an epoch may be gone when the record is taken.

import type { Engine } from "../core/engine.ts";
import type { CachedProposal } from "../group/cache.ts";
import type { CreatedCommit } from "../group/created.ts";
import type { NextEpoch } from "../group/epoch.ts";
import type { Closed, Journal } from "../group/journal.ts";
import type { GroupState } from "../group/state.ts";
import type { RatchetPosition } from "../schedule/ratchet.ts";
import { putBytes, takeBytes } from "./epochstate.ts";
import { encodeProposal, type ReInit } from "../message/proposals.ts";
import { decodeReInit, readCached, readNext, writeCached, writeNext } from "./nextstate.ts";
import { readPending, type RestoredPending, writePending } from "./pendingstate.ts";
import { type RecordReader, RecordWriter } from "./vault.ts";

const kinds = [undefined, "end", "consumed", "cached", "pending", "withdrawn", "entered", "closed", "ended"] as const;
const closings = [undefined, "removed", "closed"] as const;
const ratchets = [undefined, "handshake", "application"] as const;

/** Entries after which a record is a whole snapshot: nobody has taken records for long. */
const ENTRIES_LIMIT = 4096;

/** The journal of a group whose client has a storage key. */
export class GroupJournal implements Journal {
  readonly #engine: Engine;
  #writer: RecordWriter | undefined;
  #entries = 0;
  #active = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Begins to note changes: once somebody stores the group. */
  activate(): void {
    this.#active = true;
  }

  /** Whether something has changed since the last record. */
  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  /** Whether there is too much for a record: a snapshot is due. */
  get isOverfull(): boolean {
    return this.#entries > ENTRIES_LIMIT;
  }

  /**
   * What `seal` makes of the entries so far, then begins anew. MLS-9.1-02: if it throws, the entries stay, or keys that are
   * used up would be unused in what is stored.
   */
  sealed<T>(seal: (entries: RecordWriter) => T): T {
    this.#writer ??= new RecordWriter(this.#engine);
    putBytes(this.#writer, (to) => to.enumeration(kinds, "end"));
    const record = seal(this.#writer);
    this.clear();
    return record;
  }

  /** Forgets the entries: a snapshot holds them. */
  clear(): void {
    this.#writer?.wipe();
    this.#writer = undefined;
    this.#entries = 0;
  }

  forget(): void {
    this.clear();
    this.#active = false;
  }

  consumed(epoch: bigint, { leafIndex, ratchet, generation }: RatchetPosition): void {
    this.#note((to) =>
      putBytes(to, (writer) => {
        writer.enumeration(kinds, "consumed");
        writer.uint64(epoch);
        writer.uint32(leafIndex);
        writer.enumeration(ratchets, ratchet);
        writer.uint32(generation);
      }),
    );
  }

  cached(proposal: CachedProposal): void {
    this.#note((to) => {
      putBytes(to, (writer) => writer.enumeration(kinds, "cached"));
      writeCached(to, proposal);
    });
  }

  pending(created: CreatedCommit): void {
    this.#note((to) => {
      putBytes(to, (writer) => writer.enumeration(kinds, "pending"));
      writePending(to, created);
    });
  }

  withdrawn(): void {
    this.#note((to) => putBytes(to, (writer) => writer.enumeration(kinds, "withdrawn")));
  }

  entered(next: NextEpoch): void {
    this.#note((to) => {
      putBytes(to, (writer) => writer.enumeration(kinds, "entered"));
      writeNext(to, next);
    });
  }

  ended(reInit: ReInit): void {
    this.#note((to) =>
      putBytes(to, (writer) => {
        writer.enumeration(kinds, "ended");
        writer.opaque(encodeProposal(reInit));
      }),
    );
  }

  closed(why: Exclude<Closed, "reinitialized">): void {
    // A snapshot is out of the question now, and of what came before nothing matters.
    if (this.isOverfull) this.clear();
    this.#note((to) =>
      putBytes(to, (writer) => {
        writer.enumeration(kinds, "closed");
        writer.enumeration(closings, why);
      }),
    );
  }

  #note(write: (to: RecordWriter) => void): void {
    if (!this.#active) return;
    this.#entries++;
    if (this.isOverfull) {
      this.#writer?.wipe();
      this.#writer = undefined;
      return;
    }
    this.#writer ??= new RecordWriter(this.#engine);
    write(this.#writer);
  }
}

/** The pending commit of a state that is put together, if there is one. */
export interface HeldPending {
  pending: RestoredPending | undefined;
}

/** Repeats the entries of a record on a state and its pending commit. */
export function replay(from: RecordReader, state: GroupState, held: HeldPending): void {
  const forgetPending = (): void => {
    held.pending?.forget();
    held.pending = undefined;
  };
  for (;;) {
    const entry = takeBytes(from, (reader) => {
      const kind = reader.enumeration(kinds, "MLS-6.3.1-10");
      if (kind === "consumed") {
        const epoch = reader.uint64();
        const leafIndex = reader.uint32();
        const ratchet = reader.enumeration(ratchets, "MLS-6.3.1-10");
        return { kind, epoch, position: { leafIndex, ratchet, generation: reader.uint32() } } as const;
      }
      if (kind === "ended") return { kind, reInit: decodeReInit(reader.opaque(), state.environment.decode) } as const;
      if (kind === "closed") return { kind, why: reader.enumeration(closings, "MLS-6.3.1-10") } as const;
      return { kind } as const;
    });
    switch (entry.kind) {
      case "end":
        // There are several where sealing has failed before.
        if (from.left === 0) return;
        break;
      case "consumed":
        state.secretsOf(entry.epoch)?.secretTree.consume(entry.position);
        break;
      case "cached":
        state.cache.add(readCached(from, state, state.environment.decode));
        break;
      case "pending":
        held.pending = readPending(from, state);
        break;
      case "withdrawn":
        forgetPending();
        break;
      case "entered": {
        const next = readNext(from, state);
        forgetPending();
        state.enter(next);
        break;
      }
      case "ended":
        state.end(entry.reInit);
        break;
      case "closed":
        forgetPending();
        state.close(entry.why);
        break;
    }
  }
}
