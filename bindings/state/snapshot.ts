// A whole group as bytes: the ratchet tree in the clear, everything else sealed.

import { equalBytes } from "../codec/equal.ts";
import { wiping } from "../core/owned.ts";
import { randomBytes } from "../crypto/random.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { StateError, UnsupportedError } from "../errors.ts";
import type { CreatedCommit } from "../group/created.ts";
import type { Environment } from "../group/environment.ts";
import { treeSuite } from "../group/epoch.ts";
import { GroupState } from "../group/state.ts";
import { encodeProposal } from "../message/proposals.ts";
import { readerPrivateKeys, writerPrivateKeys } from "../tree/path.ts";
import { RatchetTree } from "../tree/ratchettree.ts";
import {
  asRecordError,
  openContainer,
  type OpenedContainer,
  requireStorageKey,
  sealContainer,
  type StoredKind,
} from "./container.ts";
import {
  putBytes,
  readEndedEpoch,
  readEpoch,
  readKeyPair,
  readPastEpoch,
  takeBytes,
  writeEndedEpoch,
  writeEpoch,
  writeKeyPair,
  writePastEpoch,
} from "./epochstate.ts";
import { GroupJournal, type HeldPending, replay } from "./journal.ts";
import { decodeReInit, readCached, writeCached } from "./nextstate.ts";
import { readPending, type RestoredPending, writePending } from "./pendingstate.ts";
import { type RecordReader, RecordWriter } from "./vault.ts";

const TREE_SEED_LENGTH = 16;

/** Stores one group: snapshots, and the records between them. */
export class GroupStore {
  readonly #state: GroupState;
  readonly #journal: GroupJournal;
  #sequence: bigint;

  constructor(state: GroupState, sequence: bigint) {
    this.#state = state;
    this.#sequence = sequence;
    this.#journal = new GroupJournal(state.environment.engine);
    state.journal = this.#journal;
  }

  /** Number of the last snapshot or record; 0 when there is none yet. */
  get sequence(): bigint {
    return this.#sequence;
  }

  /** Begins to note changes for {@link takeRecord}. */
  activate(): void {
    this.#journal.activate();
  }

  /** Everything, with the next number of the sequence. */
  save(pending: CreatedCommit | undefined): Uint8Array<ArrayBuffer> {
    const { environment, epoch, tree } = this.#state;
    this.#state.requireKnown();
    requireStorageKey(environment.storageKey);
    const head = {
      kind: "snapshot",
      owner: epoch.groupContext.groupId,
      sequence: this.#sequence + 1n,
    } as const;
    const open = [tree.encoding(), tree.hashes()];
    const snapshot = wiping(new RecordWriter(environment.engine), (writer) => {
      writeState(writer, this.#state, pending);
      return sealContainer(head, open, writer, environment.storageKey, environment.random);
    });
    this.#sequence++;
    this.#journal.clear();
    this.#journal.activate();
    return snapshot;
  }

  /** What has changed since the last snapshot or record; undefined when nothing has. */
  takeRecord(pending: CreatedCommit | undefined): Uint8Array<ArrayBuffer> | undefined {
    const { environment, epoch } = this.#state;
    if (this.#sequence === 0n && this.#state.closed === "removed") return undefined; // over before anybody stored it
    if (this.#sequence === 0n || this.#journal.isOverfull) return this.save(pending);
    if (this.#journal.isEmpty) return undefined;
    const head = {
      kind: "record",
      owner: epoch.groupContext.groupId,
      sequence: this.#sequence + 1n,
    } as const;
    const { storageKey, random } = environment;
    const record = this.#journal.sealed((entries) => sealContainer(head, [], entries, storageKey, random));
    this.#sequence++;
    return record;
  }
}

function writeState(to: RecordWriter, state: GroupState, pending: CreatedCommit | undefined): void {
  const cached = state.cache.entries();
  const resumption = state.resumptionPsks.entries();
  putBytes(to, (writer) => {
    writer.uint16(state.suite.id);
    writer.uint32(state.ownLeafIndex);
    writer.uint16(state.past.all.length);
    writer.uint32(cached.length);
    writer.uint32(resumption.length);
    writer.uint8(pending === undefined ? 0 : 1);
    writer.optional(state.reInit, (each, reInit) => each.opaque(encodeProposal(reInit)));
  });
  if (state.reInit === undefined) writeEpoch(to, state.epoch);
  else writeEndedEpoch(to, state.epoch);
  writeKeyPair(to, state.signatureKey);
  writerPrivateKeys(to, state.tree);
  for (const past of state.past.all) writePastEpoch(to, past);
  for (const [epoch, psk] of resumption) {
    putBytes(to, (writer) => writer.uint64(epoch));
    to.secret(psk);
  }
  for (const proposal of cached) writeCached(to, proposal);
  if (pending !== undefined) writePending(to, pending);
}

/** A group as it was stored. */
export interface RestoredGroup {
  readonly state: GroupState;
  readonly store: GroupStore;
  readonly pending: RestoredPending | undefined;
}

/** Puts a group together from a snapshot and the records after it; nothing is kept on failure. MLS-9.2-07 */
export function restoreGroupState(
  environment: Environment,
  suiteOf: (id: number) => CipherSuite,
  snapshot: Uint8Array,
  records: readonly Uint8Array[],
  expectedSequence: bigint | undefined,
): RestoredGroup {
  requireStorageKey(environment.storageKey);
  const readers: RecordReader[] = [];
  const openNext = (bytes: Uint8Array, ...expected: readonly StoredKind[]): OpenedContainer => {
    const container = openContainer(bytes, environment.storageKey, ...expected);
    readers.push(container.sealed);
    return container;
  };
  let restored: ReadState | undefined;
  const forget = (): void => {
    restored?.pending?.forget();
    restored?.state.close("closed");
    restored = undefined;
  };
  try {
    const { owner, sequence, open, sealed } = openNext(snapshot, "snapshot");
    restored = readState(environment, suiteOf, open, sealed);
    let last = sequence;
    for (const [index, record] of records.entries()) {
      // MLS-9.1-02: a gap would bring used keys back.
      const container = openNext(record, "record", "snapshot");
      const isNext = container.sequence === last + 1n && equalBytes(container.owner, owner);
      if (!isNext) {
        const message = `record ${container.sequence} instead of ${last + 1n}, or of another group`;
        throw new StateError("ERR_STATE_RECORD", message, { index });
      }
      if (container.kind === "snapshot") {
        // What `takeRecord` gives where a record would be too long.
        forget();
        restored = readState(environment, suiteOf, container.open, container.sealed);
      } else {
        replay(container.sealed, restored.state, restored);
        container.sealed.finish();
      }
      last = container.sequence;
    }
    if (expectedSequence !== undefined && last !== expectedSequence) {
      throw new StateError("ERR_STATE_RECORD", `the state ends at number ${last} instead of ${expectedSequence}`);
    }
    const { state, pending } = restored;
    const store = new GroupStore(state, last);
    store.activate();
    return { state, store, pending };
  } catch (error) {
    forget();
    for (const reader of readers) reader.abandon();
    throw asRecordError(error);
  }
}

interface ReadState extends HeldPending {
  readonly state: GroupState;
}

/** What the snapshot holds. On failure the tree is closed; what `from` handed out is the caller's to wipe. */
function readState(
  environment: Environment,
  suiteOf: (id: number) => CipherSuite,
  [encodedTree, treeHashes]: readonly Uint8Array[],
  from: RecordReader,
): ReadState {
  const plain = takeBytes(from, (reader) => ({
    suite: reader.uint16(),
    ownLeafIndex: reader.uint32(),
    past: reader.uint16(),
    cached: reader.uint32(),
    resumption: reader.uint32(),
    isPending: reader.uint8() === 1,
    reInit: reader.optional((each) => decodeReInit(each.opaque(), environment.decode)),
  }));
  const suite = suiteOf(plain.suite);
  if (suite.id !== plain.suite) {
    throw new UnsupportedError("ERR_UNSUPPORTED", `a group of cipher suite ${plain.suite} instead of ${suite.id}`, {
      rule: "MLS-5.1-01",
    });
  }
  const { engine, random, limits } = environment;
  const epoch = plain.reInit === undefined ? readEpoch(from, suite) : readEndedEpoch(from, suite, random, limits);
  const signatureKey = readKeyPair(from);
  const seed = randomBytes(random, TREE_SEED_LENGTH);
  if (encodedTree === undefined || treeHashes === undefined) {
    throw new StateError("ERR_STATE_RECORD", "a snapshot without its tree");
  }
  const tree = RatchetTree.import(engine, treeSuite(suite), seed, encodedTree, limits.leaves);
  let pending: RestoredPending | undefined;
  try {
    tree.adoptHashes(treeHashes); // the record binds them, and so the tree that they came with
    if (signatureKey === undefined || !equalBytes(tree.treeHash(), epoch.groupContext.treeHash)) {
      throw new StateError("ERR_STATE_RECORD", "the tree is not the one of the sealed state");
    }
    readerPrivateKeys(from, tree);
    const { ownLeafIndex } = plain;
    const state = new GroupState({ environment, suite, tree, epoch, ownLeafIndex, signatureKey });
    for (let i = 0; i < plain.past; i++) state.past.append(readPastEpoch(from));
    for (let i = 0; i < plain.resumption; i++) {
      const pskEpoch = takeBytes(from, (reader) => reader.uint64());
      state.resumptionPsks.adopt(pskEpoch, from.secret());
    }
    for (let i = 0; i < plain.cached; i++) state.cache.add(readCached(from, state, environment.decode));
    if (plain.isPending) pending = readPending(from, state);
    from.finish();
    if (plain.reInit !== undefined) state.end(plain.reInit);
    return { state, pending };
  } catch (error) {
    pending?.forget();
    tree.close();
    throw error;
  }
}
