// One value of every kind that can travel, for tests that must not depend on vector files.
import { decodeLeafNode, type LeafNode } from "../../bindings/message/leafnode.ts";
import type { Commit } from "../../bindings/message/commit.ts";
import type { FramedContent, Sender } from "../../bindings/message/framing.ts";
import type { GroupContext } from "../../bindings/message/groupcontext.ts";
import type { GroupInfo } from "../../bindings/message/groupinfo.ts";
import type { KeyPackage } from "../../bindings/message/keypackage.ts";
import type { MLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { PrivateMessage } from "../../bindings/message/privatemessage.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import type { PreSharedKeyID } from "../../bindings/message/psk.ts";
import type { RatchetTree } from "../../bindings/message/ratchettree.ts";
import type { UpdatePath } from "../../bindings/message/updatepath.ts";
import { type GroupSecrets, type Welcome, WelcomeEntries } from "../../bindings/message/welcome.ts";
import { leafBytes, type LeafParts } from "./leaf.ts";

const bytes = (value: number, length: number): Uint8Array => new Uint8Array(length).fill(value);

export const leaf = (changes: Partial<LeafParts> = {}): LeafNode => decodeLeafNode(leafBytes(changes));

export const keyPackage: KeyPackage = {
  version: 1,
  cipherSuite: 1,
  initKey: bytes(1, 32),
  leafNode: leaf(),
  extensions: [{ extensionType: 0x0a0a, extensionData: bytes(2, 3) }],
  signature: bytes(3, 64),
};

export const groupContext: GroupContext = {
  version: 1,
  cipherSuite: 1,
  groupId: bytes(4, 16),
  epoch: (1n << 63n) + 5n,
  treeHash: bytes(5, 32),
  confirmedTranscriptHash: bytes(6, 32),
  extensions: [{ extensionType: 3, extensionData: Uint8Array.of(0, 0, 0) }],
};

export const groupInfo: GroupInfo = {
  groupContext,
  extensions: [{ extensionType: 4, extensionData: Uint8Array.of(1, 7) }],
  confirmationTag: bytes(7, 32),
  signer: 0x8000_0001,
  signature: bytes(8, 64),
};

export const psks: readonly PreSharedKeyID[] = [
  { kind: "external", pskId: bytes(9, 70), pskNonce: bytes(10, 32) },
  { kind: "resumption", usage: "application", pskGroupId: bytes(4, 16), pskEpoch: 7n, pskNonce: bytes(11, 32) },
  { kind: "resumption", usage: "reinit", pskGroupId: bytes(4, 0), pskEpoch: 0n, pskNonce: bytes(12, 0) },
  { kind: "resumption", usage: "branch", pskGroupId: bytes(4, 1), pskEpoch: 2n ** 64n - 1n, pskNonce: bytes(13, 1) },
];

export const proposals: readonly Proposal[] = [
  { kind: "add", keyPackage },
  { kind: "update", leafNode: leaf({ source: [2] }) },
  { kind: "remove", removed: 0xffff_ffff },
  ...psks.map((psk): Proposal => ({ kind: "psk", psk })),
  // A version, a suite and an extension that this library does not know or would put elsewhere (MLS-12.1.5-03).
  {
    kind: "reInit",
    groupId: bytes(14, 3),
    version: 0xffff,
    cipherSuite: 0,
    extensions: [{ extensionType: 2, extensionData: bytes(0, 1) }],
  },
  { kind: "externalInit", kemOutput: bytes(15, 32) },
  { kind: "groupContextExtensions", extensions: groupContext.extensions },
];

export const updatePath: UpdatePath = {
  leafNode: leaf({ source: [3, 2, 1, 2] }),
  nodes: [
    { encryptionKey: bytes(16, 32), encryptedPathSecret: [] },
    {
      encryptionKey: bytes(17, 32),
      encryptedPathSecret: [
        { kemOutput: bytes(18, 32), ciphertext: bytes(19, 48) },
        { kemOutput: bytes(20, 32), ciphertext: bytes(21, 48) },
      ],
    },
  ],
};

export const commit: Commit = {
  proposals: [
    ...proposals.map((proposal) => ({ kind: "proposal", proposal }) as const),
    { kind: "reference", reference: bytes(22, 32) },
  ],
  path: updatePath,
};

export const member: Sender = { kind: "member", leafIndex: 0x8000_0000 };

export const framed = (content: FramedContent["content"], sender: Sender = member): FramedContent => ({
  groupId: groupContext.groupId,
  epoch: 1n,
  sender,
  authenticatedData: bytes(23, 5),
  content,
});

export const application: FramedContent = framed({ kind: "application", applicationData: bytes(24, 100) });

const signature = bytes(25, 64);
const membershipTag = bytes(26, 32);
const confirmationTag = bytes(27, 32);

export const privateMessage: PrivateMessage = {
  groupId: groupContext.groupId,
  epoch: 3n,
  contentType: "commit",
  authenticatedData: bytes(28, 2),
  encryptedSenderData: bytes(29, 28),
  ciphertext: bytes(30, 300),
};

export const welcome: Welcome = {
  cipherSuite: 0xf00d,
  secrets: WelcomeEntries.of([
    { newMember: bytes(31, 32), encryptedGroupSecrets: { kemOutput: bytes(32, 32), ciphertext: bytes(33, 80) } },
    { newMember: bytes(34, 32), encryptedGroupSecrets: { kemOutput: bytes(35, 0), ciphertext: bytes(36, 0) } },
  ]),
  encryptedGroupInfo: bytes(37, 500),
};

export const groupSecrets: GroupSecrets = { joinerSecret: bytes(38, 32), pathSecret: bytes(39, 32), psks };

export const ratchetTree: RatchetTree = [
  { kind: "leaf", leafNode: leaf() },
  { kind: "parent", parentNode: { encryptionKey: bytes(40, 32), parentHash: bytes(41, 0), unmergedLeaves: [0, 1, 4] } },
  undefined,
  undefined,
  { kind: "leaf", leafNode: leaf({ source: [3, 0] }) },
];

const senders: readonly Sender[] = [
  member,
  { kind: "external", senderIndex: 0xffff_ffff },
  { kind: "newMemberProposal" },
  { kind: "newMemberCommit" },
];

export const mlsMessages: readonly MLSMessage[] = [
  ...senders.flatMap((sender): MLSMessage[] =>
    [framed({ kind: "proposal", proposal: proposals[0]! }, sender), framed({ kind: "commit", commit }, sender)].map(
      (content) => ({
        kind: "publicMessage",
        publicMessage: {
          content,
          auth: { signature, confirmationTag: content.content.kind === "commit" ? confirmationTag : undefined },
          membershipTag: sender.kind === "member" ? membershipTag : undefined,
        },
      }),
    ),
  ),
  {
    kind: "publicMessage",
    publicMessage: { content: application, auth: { signature, confirmationTag: undefined }, membershipTag },
  },
  { kind: "privateMessage", privateMessage },
  { kind: "welcome", welcome },
  { kind: "groupInfo", groupInfo },
  { kind: "keyPackage", keyPackage },
];
