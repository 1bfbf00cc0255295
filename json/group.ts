// Key packages, ratchet trees, and what describes a group, in JSON.

import { ExtensionType } from "../bindings/message/constants.ts";
import type { GroupContext } from "../bindings/message/groupcontext.ts";
import type { GroupInfo } from "../bindings/message/groupinfo.ts";
import type { KeyPackage } from "../bindings/message/keypackage.ts";
import {
  decodeRatchetTree,
  encodeRatchetTree,
  type Node,
  type ParentNode,
  type RatchetTree,
} from "../bindings/message/ratchettree.ts";
import { type Bodies, type Body, bodies, extensionsOf } from "./extension.ts";
import { type Form, hidden, list, named, optional, shown, struct, uint16, uint32, uint64, variants } from "./form.ts";
import { leafNode } from "./leafnode.ts";

export const keyPackage: Form<KeyPackage> = struct("KeyPackage", {
  version: uint16,
  cipherSuite: uint16,
  initKey: shown,
  leafNode,
  extensions: extensionsOf("keyPackage"),
  signature: hidden,
});

export const groupContext: Form<GroupContext> = struct("GroupContext", {
  version: uint16,
  cipherSuite: uint16,
  groupId: shown,
  epoch: uint64,
  treeHash: shown,
  confirmedTranscriptHash: shown,
  extensions: extensionsOf("groupContext"),
});

export const parentNode: Form<ParentNode> = struct("ParentNode", {
  encryptionKey: shown,
  parentHash: shown,
  unmergedLeaves: list(uint32),
});

const node = variants<Node>("Node", { leaf: { leafNode }, parent: { parentNode } });

/** Null where a node is blank. */
export const ratchetTree: Form<RatchetTree> = named("RatchetTree", list(optional(node)));

const treeBody: Body<RatchetTree> = {
  field: "ratchetTree",
  form: ratchetTree,
  decode: decodeRatchetTree,
  encode: encodeRatchetTree,
};

const groupInfoBodies: Bodies = new Map([...bodies, [ExtensionType.ratchetTree, treeBody as unknown as Body<never>]]);

export const groupInfo: Form<GroupInfo> = struct("GroupInfo", {
  groupContext,
  extensions: extensionsOf("groupInfo", groupInfoBodies),
  confirmationTag: hidden,
  signer: uint32,
  signature: hidden,
});
