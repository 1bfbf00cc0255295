// Epochs, present and past, in a sealed record.

import { trustedContext } from "../codec/context.ts";
import { Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import type { RandomSource } from "../crypto/random.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import { type Epoch, sealedContext } from "../group/epoch.ts";
import type { FormerLeaves, PastEpoch } from "../group/pastepochs.ts";
import type { Limits } from "../limits.ts";
import { decodeGroupContext } from "../message/groupcontext.ts";
import { EpochSecrets } from "../schedule/epoch.ts";
import type { RecordReader, RecordWriter } from "./vault.ts";

/** Bytes made by `write`, as one item. */
export function putBytes(to: RecordWriter, write: (writer: Writer) => void): void {
  to.bytes(encodeWhole(undefined, (writer) => write(writer)));
}

/** One item of bytes, read by `read`, which must use it up. */
export function takeBytes<T>(from: RecordReader, read: (reader: Reader) => T): T {
  const reader = new Reader(from.bytes(), trustedContext);
  const value = read(reader);
  reader.finish();
  return value;
}

function writePublicPart(to: RecordWriter, epoch: Epoch): void {
  putBytes(to, (writer) => {
    writer.opaque(epoch.groupContext.encoded);
    writer.opaque(epoch.interimTranscriptHash);
    writer.opaque(epoch.confirmationTag);
    writer.list([...epoch.credentialTypes], (each, [type, count]) => {
      each.uint16(type);
      each.uint32(count);
    });
  });
}

function readPublicPart(from: RecordReader): Omit<Epoch, "secrets"> {
  return takeBytes(from, (reader) => ({
    groupContext: sealedContext(decodeGroupContext(reader.opaque())),
    interimTranscriptHash: reader.opaque(),
    confirmationTag: reader.opaque(),
    credentialTypes: new Map(reader.list((each): [number, number] => [each.uint16(), each.uint32()])),
  }));
}

/** The last epoch of a group that a ReInit has ended: its secrets are gone but for two. MLS-11.2-06 */
export function writeEndedEpoch(to: RecordWriter, epoch: Epoch): void {
  writePublicPart(to, epoch);
  to.secret(epoch.secrets.resumptionPsk);
  to.secret(epoch.secrets.epochAuthenticator);
}

export function readEndedEpoch(from: RecordReader, suite: CipherSuite, random: RandomSource, limits: Limits): Epoch {
  const plain = readPublicPart(from);
  return { ...plain, secrets: EpochSecrets.ended(suite, from.secret(), from.secret(), random, limits) };
}

/** The present epoch, or the next one. */
export function writeEpoch(to: RecordWriter, epoch: Epoch): void {
  writePublicPart(to, epoch);
  const { secrets } = epoch;
  to.secret(secrets.senderDataSecret);
  to.secret(secrets.exporterSecret);
  to.secret(secrets.externalSecret);
  to.secret(secrets.confirmationKey);
  to.secret(secrets.membershipKey);
  to.secret(secrets.resumptionPsk);
  to.secret(secrets.epochAuthenticator);
  to.secret(secrets.initSecret);
  to.secretTree(secrets.secretTree);
}

export function readEpoch(from: RecordReader, suite: CipherSuite): Epoch {
  const plain = readPublicPart(from);
  const secrets = EpochSecrets.restore(suite, {
    senderDataSecret: from.secret(),
    exporterSecret: from.secret(),
    externalSecret: from.secret(),
    confirmationKey: from.secret(),
    membershipKey: from.secret(),
    resumptionPsk: from.secret(),
    epochAuthenticator: from.secret(),
    initSecret: from.secret(),
    secretTree: from.secretTree(),
  });
  return { ...plain, secrets };
}

/** A past epoch: what still opens its messages, and the leaves that have changed since. */
export function writePastEpoch(to: RecordWriter, { groupContext, secrets, former }: PastEpoch): void {
  putBytes(to, (writer) => {
    writer.opaque(groupContext.encoded);
    writer.uint32(former.leafCount);
    writer.list(former.changed(), (each, leafIndex) => {
      const leaf = former.leaf(leafIndex);
      each.uint32(leafIndex);
      each.opaque(leaf instanceof Uint8Array ? leaf : new Uint8Array(0));
    });
  });
  to.secret(secrets.senderDataSecret);
  to.secretTree(secrets.secretTree);
}

export function readPastEpoch(from: RecordReader): PastEpoch {
  const { groupContext, former } = takeBytes(from, (reader) => ({
    groupContext: sealedContext(decodeGroupContext(reader.opaque())),
    former: new SavedLeaves(
      reader.uint32(),
      new Map(reader.list((each): [number, Uint8Array] => [each.uint32(), each.opaque()])),
    ),
  }));
  const senderDataSecret = from.secret();
  const secretTree = from.secretTree();
  const wipe = (): void => {
    senderDataSecret.wipe();
    secretTree.wipe();
  };
  return { groupContext, former, secrets: { senderDataSecret, secretTree, wipe } };
}

/** What a saved state knows of the leaves before a merge. */
class SavedLeaves implements FormerLeaves {
  readonly leafCount: number;
  readonly #leaves: ReadonlyMap<number, Uint8Array>;

  constructor(leafCount: number, leaves: ReadonlyMap<number, Uint8Array>) {
    this.leafCount = leafCount;
    this.#leaves = leaves;
  }

  leaf(leafIndex: number): ReturnType<FormerLeaves["leaf"]> {
    const leaf = this.#leaves.get(leafIndex);
    if (leaf === undefined) return "untouched";
    return leaf.length === 0 ? "blank" : leaf;
  }

  changed(): number[] {
    return [...this.#leaves.keys()];
  }

  close(): void {
    // Nothing of it is in the core.
  }
}

/** A signature key pair, where there is one. */
export function writeKeyPair(to: RecordWriter, keyPair: SignatureKeyPair | undefined): void {
  to.bytes(keyPair?.publicKey ?? new Uint8Array(0));
  if (keyPair !== undefined) to.secret(keyPair.privateKey);
}

export function readKeyPair(from: RecordReader): SignatureKeyPair | undefined {
  const publicKey = from.bytes();
  return publicKey.length === 0 ? undefined : { publicKey, privateKey: from.secret() };
}
