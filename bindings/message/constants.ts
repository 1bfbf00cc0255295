// The registries of RFC 9420 section 17, as far as this library gives the values a meaning.

import { LEAF_CERTIFICATE_LIMIT, LEAF_EXTENSION_LIMIT } from "../core/generated/layout.ts";

/** The protocol version of RFC 9420, `mls10`. */
export const PROTOCOL_VERSION_MLS10 = 1 as const;

/** Section 17.2. */
export const WireFormat = { publicMessage: 1, privateMessage: 2, welcome: 3, groupInfo: 4, keyPackage: 5 } as const;

/** Section 17.3. */
export const ExtensionType = {
  applicationId: 1,
  ratchetTree: 2,
  requiredCapabilities: 3,
  externalPub: 4,
  externalSenders: 5,
} as const;

/** A key package that may be used more than once (section 16.8); draft-ietf-mls-extensions. */
export const LAST_RESORT_EXTENSION = 0x000a as const;

/** Section 17.4. */
export const ProposalType = {
  add: 1,
  update: 2,
  remove: 3,
  psk: 4,
  reInit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
} as const;

/** Section 17.5. */
export const CredentialType = { basic: 1, x509: 2 } as const;

/** The objects that have an extension list of their own. */
export type ExtensionPlace = "keyPackage" | "leafNode" | "groupContext" | "groupInfo";

/** Where each extension type of the RFC belongs (MLS-17.3-01). Other types may stand anywhere. */
export const extensionPlaces: ReadonlyMap<number, ExtensionPlace> = new Map([
  [ExtensionType.applicationId, "leafNode"],
  [ExtensionType.ratchetTree, "groupInfo"],
  [ExtensionType.requiredCapabilities, "groupContext"],
  [ExtensionType.externalPub, "groupInfo"],
  [ExtensionType.externalSenders, "groupContext"],
]);

/** What the registry says of a proposal type. */
export interface ProposalTraits {
  /** External senders may send it. */
  readonly external: boolean;
  /** A commit that contains it needs a path. */
  readonly path: boolean;
}

/** Columns "Ext" and "Path" of section 17.4 (MLS-17.4-01). */
export const proposalTraits: ReadonlyMap<number, ProposalTraits> = new Map([
  [ProposalType.add, { external: true, path: false }],
  [ProposalType.update, { external: false, path: true }],
  [ProposalType.remove, { external: true, path: true }],
  [ProposalType.psk, { external: true, path: false }],
  [ProposalType.reInit, { external: true, path: false }],
  [ProposalType.externalInit, { external: false, path: true }],
  [ProposalType.groupContextExtensions, { external: true, path: true }],
]);

/** Extensions in one list; the core's bound for leaf nodes. */
export const EXTENSIONS_LIMIT: number = LEAF_EXTENSION_LIMIT;
/** Certificates in one x509 credential; the core's bound for leaf nodes. */
export const CERTIFICATES_LIMIT: number = LEAF_CERTIFICATE_LIMIT;
/** Nodes of an UpdatePath: a tree has at most 2^32 leaves. */
export const UPDATE_PATH_NODES_LIMIT = 32 as const;
/** External senders of a group. */
export const EXTERNAL_SENDERS_LIMIT = 1024 as const;

/** Whether leaves support the extension type without listing it (section 7.2). */
export function isDefaultExtension(extensionType: number): boolean {
  return extensionType >= 1 && extensionType <= 5;
}

/** Whether leaves support the proposal type without listing it (section 7.2). */
export function isDefaultProposal(proposalType: number): boolean {
  return proposalType >= 1 && proposalType <= 7;
}
