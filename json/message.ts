// Messages in JSON, and what is found when they are opened (RFC 9420 sections 6 and 12.4.3.1).

import type {
  AuthenticatedContent,
  Content,
  FramedContent,
  FramedContentAuthData,
  PublicMessage,
  Sender,
} from "../bindings/message/framing.ts";
import type { MLSMessage } from "../bindings/message/mlsmessage.ts";
import type { PrivateMessage, PrivateMessageContent, SenderData } from "../bindings/message/privatemessage.ts";
import {
  type EncryptedGroupSecrets,
  type GroupSecrets,
  type Welcome,
  WelcomeEntries,
} from "../bindings/message/welcome.ts";
import { commit, hpkeCiphertext, preSharedKeyID, proposal } from "./commit.ts";
import {
  absent,
  type Form,
  hidden,
  hiddenOf,
  list,
  mapped,
  oneOf,
  optional,
  shown,
  struct,
  uint16,
  uint32,
  uint64,
  variants,
} from "./form.ts";
import { groupInfo, keyPackage } from "./group.ts";

const sender = variants<Sender>("Sender", {
  member: { leafIndex: uint32 },
  external: { senderIndex: uint32 },
  newMemberProposal: {},
  newMemberCommit: {},
});

const content = variants<Content>("Content", {
  application: { applicationData: hidden },
  proposal: { proposal },
  commit: { commit },
});

export const framedContent: Form<FramedContent> = struct("FramedContent", {
  groupId: shown,
  epoch: uint64,
  sender,
  authenticatedData: hidden,
  content,
});

/** A confirmation tag belongs to commits alone. */
export const framedContentAuthData: Form<FramedContentAuthData> = struct("FramedContentAuthData", {
  signature: hidden,
  confirmationTag: absent(hidden),
});

export const authenticatedContent: Form<AuthenticatedContent> = struct("AuthenticatedContent", {
  wireFormat: uint16,
  content: framedContent,
  auth: framedContentAuthData,
});

/** A membership tag belongs to members' messages alone. */
export const publicMessage: Form<PublicMessage> = struct("PublicMessage", {
  content: framedContent,
  auth: framedContentAuthData,
  membershipTag: absent(hidden),
});

export const privateMessage: Form<PrivateMessage> = struct("PrivateMessage", {
  groupId: shown,
  epoch: uint64,
  contentType: oneOf("application", "proposal", "commit"),
  authenticatedData: hidden,
  encryptedSenderData: hidden,
  ciphertext: hidden,
});

export const privateMessageContent: Form<PrivateMessageContent> = struct("PrivateMessageContent", {
  content,
  auth: framedContentAuthData,
  padding: uint32,
});

export const senderData: Form<SenderData> = struct("SenderData", {
  leafIndex: uint32,
  generation: uint32,
  reuseGuard: hiddenOf(4),
});

export const groupSecrets: Form<GroupSecrets> = struct("GroupSecrets", {
  joinerSecret: hidden,
  pathSecret: optional(hidden),
  psks: list(preSharedKeyID),
});

const entries = list(
  struct<EncryptedGroupSecrets>("EncryptedGroupSecrets", { newMember: shown, encryptedGroupSecrets: hpkeCiphertext }),
);

export const welcome: Form<Welcome> = struct("Welcome", {
  cipherSuite: uint16,
  secrets: mapped<WelcomeEntries, readonly EncryptedGroupSecrets[]>(
    entries,
    (secrets) => [...secrets],
    (secrets) => WelcomeEntries.of(secrets),
  ),
  encryptedGroupInfo: hidden,
});

/** Its version is always `mls10`. */
export const mlsMessage: Form<MLSMessage> = variants<MLSMessage>("MLSMessage", {
  publicMessage: { publicMessage },
  privateMessage: { privateMessage },
  welcome: { welcome },
  groupInfo: { groupInfo },
  keyPackage: { keyPackage },
});
