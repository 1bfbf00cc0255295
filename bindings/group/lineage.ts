// Groups that continue another one: the successor after a ReInit, and branches (RFC 9420 sections 11.2
// and 11.3). They prove it with a resumption PSK of the old group, and have its members.

import { Secret } from "../core/secret.ts";
import type { Engine } from "../core/engine.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import { ValidationError } from "../errors.ts";
import { encodeWhole } from "../codec/writer.ts";
import { type Credential, writeCredential } from "../message/credential.ts";
import { type Extension, writeExtensions } from "../message/extension.ts";
import type { GroupContext } from "../message/groupcontext.ts";
import { decodeKnownLeaf } from "../message/leafnode.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import { bytesKey } from "./cache.ts";
import type { RatchetTree } from "../tree/ratchettree.ts";
import type { GroupState } from "./state.ts";

/** What tells one party from another, whatever group or epoch; two credentials of one party give one string. */
export type IdentityOf = (credential: Credential) => string;

/** Parties are told apart by their whole credentials. */
export const byCredential: IdentityOf = (credential) => bytesKey(encodeWhole(credential, writeCredential));

/** How a group continues another one. */
export interface Lineage {
  readonly usage: "reinit" | "branch";
  readonly prior: GroupState;
  /** The epoch of the prior group that it goes on from. */
  readonly epoch: bigint;
}

type ResumptionId = Extract<PreSharedKeyID, { kind: "resumption" }>;

/** The name of the PSK that ties a new group to the present epoch of another one. MLS-11.2-03, MLS-11.3-02 */
export function lineagePsk({ usage, prior, epoch }: Lineage, hashLength: number, random: RandomSource): ResumptionId {
  return {
    kind: "resumption",
    usage,
    pskGroupId: prior.epoch.groupContext.groupId,
    pskEpoch: epoch,
    pskNonce: randomBytes(random, hashLength),
  };
}

/** The secret of that PSK in this engine, the caller's to wipe; undefined when it is not held any more. */
export function lineageSecret({ prior, epoch }: Lineage, engine: Engine): Secret | undefined {
  const secret = prior.resumptionPsk(epoch);
  if (secret === undefined || secret.engine === engine) return secret?.copy();
  const bytes = secret.export();
  try {
    return Secret.import(engine, bytes);
  } finally {
    bytes.fill(0);
  }
}

/** The PSK of usage reinit or branch in a Welcome. MLS-12.4.3.1-05 */
export function successorPsk(psks: readonly PreSharedKeyID[]): ResumptionId | undefined {
  const found = psks.filter((id): id is ResumptionId => id.kind === "resumption" && id.usage !== "application");
  if (found.length > 1) refuse("MLS-12.4.3.1-05", `${found.length} PSKs of usage reinit or branch instead of one`);
  return found[0];
}

/** Throws unless a group that has just been entered may continue that one. MLS-12.4.3.1-20 */
export function checkLineage(
  lineage: Lineage,
  context: GroupContext,
  members: Iterable<Credential>,
  of: IdentityOf,
): void {
  const { usage, prior } = lineage;
  if (context.epoch !== 1n) {
    refuse(usage === "reinit" ? "MLS-11.2-02" : "MLS-11.3-04", `the Welcome leads to epoch ${context.epoch}, not 1`);
  }
  if (usage === "reinit") requireAsAnnounced(lineage, context);
  else if (context.version !== prior.epoch.groupContext.version || context.cipherSuite !== prior.suite.id) {
    refuse("MLS-11.3-03", `a branch of ${formOf(context)} instead of ${formOf(prior.epoch.groupContext)}`);
  }
  requireMembers(lineage, members, of);
}

// MLS-12.4.3.1-23, MLS-11.2-01
function requireAsAnnounced({ prior, epoch }: Lineage, context: GroupContext): void {
  const { reInit } = prior;
  if (reInit === undefined || epoch !== prior.epoch.groupContext.epoch) {
    refuse("MLS-12.4.3.1-23", "the last commit of the group that it continues was no ReInit");
  }
  const { version, cipherSuite } = reInit;
  if (context.version !== version || context.cipherSuite !== cipherSuite) {
    refuse("MLS-11.2-01", `a group of ${formOf(context)} instead of ${formOf(reInit)}, which the ReInit said`);
  }
  if (bytesKey(context.groupId) !== bytesKey(reInit.groupId)) {
    refuse("MLS-11.2-01", "the group has another name than the ReInit said");
  }
  if (encodedExtensions(context.extensions) !== encodedExtensions(reInit.extensions)) {
    refuse("MLS-11.2-01", "the group has other extensions than the ReInit said");
  }
}

/** Throws unless the members fit: all of the old group in a successor, none but them in a branch. */
export function requireMembers({ usage, prior, epoch }: Lineage, members: Iterable<Credential>, of: IdentityOf): void {
  const before = identities(credentialsAt(prior, epoch), of);
  const after = identities(members, of);
  if (usage === "reinit" && [...before].some((identity) => !after.has(identity))) {
    refuse("MLS-12.4.3.1-24", "not all members of the old group are in the new one");
  }
  if (usage === "branch" && [...after].some((identity) => !before.has(identity))) {
    refuse("MLS-12.4.3.1-25", "somebody in the branch is no member of its group");
  }
}

function identities(members: Iterable<Credential>, of: IdentityOf): Set<string> {
  const found = new Set<string>();
  for (const credential of members) {
    try {
      found.add(of(credential));
    } catch (cause) {
      throw new ValidationError("ERR_CREDENTIAL", "the identityOf callback threw", { rule: "MLS-11.3-07", cause });
    }
  }
  return found;
}

/** The members of a group as of an epoch; throws `ERR_PSK` for one that is not remembered. MLS-11.3-07 */
function* credentialsAt({ epoch, tree, past }: GroupState, at: bigint): Generator<Credential, void, undefined> {
  if (at === epoch.groupContext.epoch) {
    yield* credentialsOf(tree);
    return;
  }
  const ended = past.find(at);
  if (ended === undefined) {
    throw new ValidationError("ERR_PSK", `the members of epoch ${at} are not remembered`, { rule: "MLS-11.3-07" });
  }
  for (let leafIndex = 0; leafIndex < ended.former.leafCount; leafIndex++) {
    const leaf = past.leaf(ended, leafIndex, tree);
    if (leaf !== undefined) yield decodeKnownLeaf(tree.engine, leaf).credential;
  }
}

/** The credentials of all members. */
export function* credentialsOf(tree: RatchetTree): Generator<Credential, void, undefined> {
  for (const [, { credential }] of tree.leaves()) yield credential;
}

function formOf({ version, cipherSuite }: Pick<GroupContext, "version" | "cipherSuite">): string {
  return `version ${version} and cipher suite ${cipherSuite}`;
}

function encodedExtensions(extensions: readonly Extension[]): string {
  return bytesKey(encodeWhole(extensions, writeExtensions));
}

function refuse(rule: string, message: string): never {
  throw new ValidationError("ERR_WELCOME", message, { rule });
}
