// What a group asks of its members' leaves, kept up to date as they come and go: required
// capabilities, extensions of the GroupContext, credential types in use (RFC 9420 section 7.3).

import { ok } from "../core/failure.ts";
import { ExtensionType, isDefaultExtension } from "../message/constants.ts";
import {
  decodeRequiredCapabilities,
  type Extension,
  findExtension,
  type RequiredCapabilities,
} from "../message/extension.ts";
import type { TreeView } from "../tree/ratchettree.ts";
import type { LeafExpectations } from "../validate/leafnode.ts";

/** How many members use each credential type. */
export type CredentialTypes = ReadonlyMap<number, number>;

/** Counts after leaves with some types went and others came. */
export function countCredentialTypes(
  before: CredentialTypes,
  gone: readonly number[],
  come: readonly number[],
): CredentialTypes {
  const counts = new Map(before);
  for (const type of gone) counts.set(type, (counts.get(type) ?? 0) - 1);
  for (const type of come) counts.set(type, (counts.get(type) ?? 0) + 1);
  for (const [type, count] of counts) if (count <= 0) counts.delete(type);
  return counts;
}

/** Types that nobody used before: then the members who stay must be asked too. MLS-7.3-05 */
export function hasNewCredentialType(before: CredentialTypes, after: CredentialTypes): boolean {
  for (const type of after.keys()) if (!before.has(type)) return true;
  return false;
}

const nothingRequired: RequiredCapabilities = { extensionTypes: [], proposalTypes: [], credentialTypes: [] };

/** The body of `required_capabilities`, or one that requires nothing. MLS-11.1-01 */
export function requiredCapabilitiesOf(extensions: readonly Extension[]): RequiredCapabilities {
  const data = findExtension(extensions, ExtensionType.requiredCapabilities);
  return data === undefined ? nothingRequired : decodeRequiredCapabilities(data);
}

/** What is fixed for a client and a group, whatever the epoch. */
export interface LeafPolicy {
  readonly version: number;
  readonly cipherSuite: number;
  readonly encryptionKeyLength: number;
  readonly signatureKeyLength: number;
  readonly maximumLifetime: bigint | undefined;
  readonly clockSkew: bigint;
}

/** What a leaf must meet under these GroupContext extensions, beside members with these credentials. */
export function leafExpectations(
  policy: LeafPolicy,
  extensions: readonly Extension[],
  types: CredentialTypes,
  now: bigint | undefined,
): LeafExpectations {
  const required = requiredCapabilitiesOf(extensions);
  return {
    ...policy,
    requiredExtensions: required.extensionTypes,
    requiredProposals: required.proposalTypes,
    requiredCredentials: required.credentialTypes,
    contextExtensions: extensions
      .map(({ extensionType }) => extensionType)
      .filter((extensionType) => !isDefaultExtension(extensionType)),
    credentialsInUse: [...types.keys()],
    now,
  };
}

/** Different credential types in one group that are kept count of. */
const CREDENTIAL_TYPES_LIMIT = 64;

/** Counts the credential types of a whole tree. */
export function credentialTypesOf(tree: TreeView): CredentialTypes {
  return tree.engine.frame((core, frame) => {
    const out = frame.take(8 * CREDENTIAL_TYPES_LIMIT);
    const count = ok(core.treeCredentialTypes(tree.handle, out, CREDENTIAL_TYPES_LIMIT));
    const entries = Array.from({ length: count }, (_, i): [number, number] => [
      tree.engine.word(out + 8 * i),
      tree.engine.word(out + 8 * i + 4),
    ]);
    return new Map(entries);
  });
}
