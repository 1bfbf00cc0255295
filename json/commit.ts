// Proposals and commits in JSON (RFC 9420 sections 12.1 and 12.4).

import type { Commit, ProposalOrRef } from "../bindings/message/commit.ts";
import type { Proposal } from "../bindings/message/proposals.ts";
import type { PreSharedKeyID } from "../bindings/message/psk.ts";
import type { HPKECiphertext, UpdatePath, UpdatePathNode } from "../bindings/message/updatepath.ts";
import { extensionsOf } from "./extension.ts";
import { type Form, hidden, list, oneOf, optional, shown, struct, uint16, uint32, uint64, variants } from "./form.ts";
import { keyPackage } from "./group.ts";
import { leafNode } from "./leafnode.ts";

/** The name of an external PSK is the application's, and stands in no log. */
export const preSharedKeyID: Form<PreSharedKeyID> = variants<PreSharedKeyID>("PreSharedKeyID", {
  external: { pskId: hidden, pskNonce: hidden },
  resumption: {
    usage: oneOf("application", "reinit", "branch"),
    pskGroupId: shown,
    pskEpoch: uint64,
    pskNonce: hidden,
  },
});

const groupContextExtensions = extensionsOf("groupContext");

export const proposal: Form<Proposal> = variants<Proposal>("Proposal", {
  add: { keyPackage },
  update: { leafNode },
  remove: { removed: uint32 },
  psk: { psk: preSharedKeyID },
  reInit: { groupId: shown, version: uint16, cipherSuite: uint16, extensions: groupContextExtensions },
  externalInit: { kemOutput: hidden },
  groupContextExtensions: { extensions: groupContextExtensions },
  custom: { proposalType: uint16, data: hidden },
});

export const hpkeCiphertext: Form<HPKECiphertext> = struct("HPKECiphertext", { kemOutput: hidden, ciphertext: hidden });

export const updatePath: Form<UpdatePath> = struct("UpdatePath", {
  leafNode,
  nodes: list(
    struct<UpdatePathNode>("UpdatePathNode", { encryptionKey: shown, encryptedPathSecret: list(hpkeCiphertext) }),
  ),
});

export const commit: Form<Commit> = struct("Commit", {
  proposals: list(
    variants<ProposalOrRef>("ProposalOrRef", { proposal: { proposal }, reference: { reference: shown } }),
  ),
  path: optional(updatePath),
});
