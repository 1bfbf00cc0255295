// Everything that is asked of the leaves a commit brings (RFC 9420 sections 7.3, 10.1, 11.1, 12.1.7).
// The order: expect, adds and updates, the path's leaf, then the members who stay.

import { isHpkeKey } from "../crypto/hpke.ts";
import { MlsError, ValidationError } from "../errors.ts";
import type { LeafNode } from "../message/leafnode.ts";
import { checkKeyPackage } from "../validate/keypackage.ts";
import {
  type ExpectedSource,
  findInvalidLeaf,
  findInvalidMember,
  type LeafExpectations,
  leafRuleError,
} from "../validate/leafnode.ts";
import { verifyKeyPackages, verifyLeaf } from "../validate/signatures.ts";
import type { AppliedProposals } from "./apply.ts";
import { countCredentialTypes, type CredentialTypes, hasNewCredentialType, leafExpectations } from "./members.ts";
import { type GroupView, leafPolicyOf } from "./view.ts";

/** Which side a list of proposals is looked at from. */
export type Side = "sender" | "receiver";

/** Credential types of the leaf that a path replaces (undefined for a newcomer) and of the one it brings. */
export interface PathCredentialTypes {
  readonly before: number | undefined;
  readonly after: number;
}

/** What the resulting group asks of every leaf. */
export interface Expected {
  readonly credentialTypes: CredentialTypes;
  readonly expectations: LeafExpectations;
}

/** The leaves that come and go, and the extensions that they will live under. */
export type LeafTraffic = Pick<AppliedProposals, "added" | "updated" | "removed" | "extensions">;

/** What the group will ask of its leaves once the commit is applied. */
export function expectLeaves(
  group: GroupView,
  { added, updated, removed, extensions }: LeafTraffic,
  path: PathCredentialTypes | undefined,
  side: Side,
): Expected {
  const { environment, epoch } = group;
  const gone = [...removed, ...updated].map(({ before }) => before.credentialType);
  const come = [
    ...added.map(({ keyPackage }) => keyPackage.leafNode.credentialType),
    ...updated.map(({ after }) => after.credentialType),
  ];
  if (path !== undefined) {
    if (path.before !== undefined) gone.push(path.before);
    come.push(path.after);
  }
  const credentialTypes = countCredentialTypes(epoch.credentialTypes, gone, come);
  // MLS-7.3-07: what we send must be valid now; MLS-7.3-08: what we receive, unless switched off.
  const now = side === "sender" || environment.checkLifetime ? environment.now() : undefined;
  return { credentialTypes, expectations: leafExpectations(leafPolicyOf(group), extensions, credentialTypes, now) };
}

/** Checks added key packages and updated leaves, with their signatures. */
export function checkAddsAndUpdates(group: GroupView, applied: LeafTraffic, { expectations }: Expected): void {
  checkAdds(group, applied, expectations);
  const { groupId } = group.epoch.groupContext;
  for (const { after, index, leafIndex } of applied.updated) {
    try {
      checkLeaf(group, after, leafIndex, expectations, 2);
      verifyLeaf(group.suite, after, { groupId, leafIndex });
    } catch (error) {
      if (!(error instanceof MlsError)) throw error;
      const rule = error.rule === "MLS-7.3-10" ? "MLS-7.3-11" : "MLS-12.1.2-02";
      throw inList(index, wrapped("ERR_PROPOSAL", rule, index, error));
    }
  }
}

/** Checks the leaf of a path, but for its signature: source commit, all rules of section 7.3. MLS-7.5-02, MLS-12.4.2-06 */
export function checkPathLeaf(group: GroupView, leaf: LeafNode, leafIndex: number, { expectations }: Expected): void {
  inPath(leafIndex, () => checkLeaf(group, leaf, leafIndex, expectations, 3));
}

/** The other half, for the leaf of somebody else's path: signed for its place. MLS-12.4.2-06 */
export function verifyPathLeaf(group: GroupView, leaf: LeafNode, leafIndex: number): void {
  inPath(leafIndex, () => verifyLeaf(group.suite, leaf, { groupId: group.epoch.groupContext.groupId, leafIndex }));
}

function inPath(leafIndex: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    const rule = error.rule === "MLS-7.3-10" ? "MLS-7.3-13" : "MLS-12.4.2-06";
    throw new ValidationError("ERR_COMMIT", error.message, { rule, leafIndex, cause: error });
  }
}

/** Asks the members who stay, where the commit changes what is asked of them; after the path is merged. */
export function checkMembers(
  group: GroupView,
  { tree, extensionsChanged, extensionsIndex, added, updated }: AppliedProposals,
  { credentialTypes, expectations }: Expected,
): void {
  // MLS-12.1.7-01, MLS-12.1.7-03, MLS-11.1-04: on the resulting membership
  if (extensionsChanged) {
    const cause = findInvalidMember(tree, { ...expectations, now: undefined, maximumLifetime: undefined });
    if (cause === undefined) return;
    const index = extensionsIndex;
    throw inList(index, new ValidationError("ERR_PROPOSAL", cause.message, { rule: "MLS-12.1.7-01", index, cause }));
  }
  // MLS-7.3-05
  const before = group.epoch.credentialTypes;
  if (hasNewCredentialType(before, credentialTypes)) {
    const policy = { ...leafPolicyOf(group), maximumLifetime: undefined };
    const cause = findInvalidMember(tree, leafExpectations(policy, [], credentialTypes, undefined));
    if (cause === undefined) return;
    const unsupported = new ValidationError("ERR_LEAF_NODE", cause.message, { rule: "MLS-7.3-05", cause });
    // It is the proposal that brings the type, or else the path.
    const culprit =
      added.find(({ keyPackage }) => !before.has(keyPackage.leafNode.credentialType)) ??
      updated.find(({ after }) => !before.has(after.credentialType));
    throw culprit === undefined ? unsupported : inList(culprit.index, unsupported);
  }
}

function wrapped(code: "ERR_PROPOSAL" | "ERR_KEY_PACKAGE", rule: string, index: number, cause: MlsError): MlsError {
  return new ValidationError(code, cause.message, { rule, index, cause });
}

/** The error chain: leaf in key package in proposal in list. */
function inList(index: number, cause: MlsError): MlsError {
  return new ValidationError("ERR_PROPOSAL_LIST", cause.message, {
    rule: "MLS-12.2-15",
    index,
    cause,
  });
}

function checkLeaf(
  group: GroupView,
  leaf: LeafNode,
  leafIndex: number,
  expectations: LeafExpectations,
  source: ExpectedSource,
): void {
  const invalid = findInvalidLeaf(group.environment.engine, [leaf.encoded], expectations, source);
  if (invalid !== undefined) throw leafRuleError(invalid.answer, leafIndex, leaf, expectations, source)!;
}

function checkAdds(group: GroupView, { added }: LeafTraffic, expectations: LeafExpectations): void {
  if (added.length === 0) return;
  const { suite, environment, epoch } = group;
  const expected = {
    version: epoch.groupContext.version,
    cipherSuite: suite.id,
    isHpkeKey: (key: Uint8Array) => isHpkeKey(suite, key),
  };
  for (const { keyPackage, index } of added) {
    try {
      checkKeyPackage(keyPackage, expected, index);
    } catch (error) {
      if (!(error instanceof MlsError)) throw error;
      throw inList(index, wrapped("ERR_PROPOSAL", "MLS-12.1.1-03", index, error));
    }
  }
  // MLS-7.3-10, MLS-11.1-03, MLS-13.4-07
  const leaves = added.map(({ keyPackage }) => keyPackage.leafNode.encoded);
  const invalid = findInvalidLeaf(environment.engine, leaves, expectations, 1);
  if (invalid !== undefined) {
    const { index, leafIndex, keyPackage: its } = added[invalid.position]!;
    const broken = leafRuleError(invalid.answer, leafIndex, its.leafNode, expectations, 1)!;
    const keyPackage = wrapped("ERR_KEY_PACKAGE", "MLS-10.1-02", index, broken);
    throw inList(index, wrapped("ERR_PROPOSAL", "MLS-12.1.1-03", index, keyPackage));
  }
  const keyPackages = added.map(({ keyPackage }) => keyPackage);
  const failed = verifyKeyPackages(suite, keyPackages, environment.random);
  if (failed !== undefined) {
    const { index } = added[failed.position]!;
    throw inList(index, wrapped("ERR_PROPOSAL", "MLS-12.1.1-03", index, failed.error));
  }
}
