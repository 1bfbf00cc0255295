import { encodeWhole } from "../bindings/codec/writer.ts";
import {
  exportPrivateKey,
  generateSignatureKeyPair,
  signatureKeyPair,
  type SignatureKeyPair,
} from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { type SenderKeys, signFramedContent } from "../bindings/framing/authenticated.ts";
import { type MessageSecrets, protectPrivate, unprotectPrivate } from "../bindings/framing/privatemessage.ts";
import { protectPublic, unprotectPublic } from "../bindings/framing/publicmessage.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { decodeCommit, encodeCommit } from "../bindings/message/commit.ts";
import { WireFormat } from "../bindings/message/constants.ts";
import { type Content, writeContent } from "../bindings/message/framing.ts";
import type { GroupContext } from "../bindings/message/groupcontext.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { decodeProposal, encodeProposal } from "../bindings/message/proposals.ts";
import { SecretTree } from "../bindings/schedule/ratchet.ts";
import { Difference, hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";

interface Keys {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly tree_hash: string;
  readonly confirmed_transcript_hash: string;
  readonly signature_priv: string;
  readonly signature_pub: string;
  readonly encryption_secret: string;
  readonly sender_data_secret: string;
  readonly membership_key: string;
}

interface MessageProtection extends Keys {
  readonly proposal: string;
  readonly proposal_pub: string;
  readonly proposal_priv: string;
  readonly commit: string;
  readonly commit_pub: string;
  readonly commit_priv: string;
  readonly application: string;
  readonly application_priv: string;
}

/** The vectors' sender. */
const SENDER = 1;

/** One epoch of a group with two members, as far as messages need it. */
class Group {
  readonly suite: CipherSuite;
  readonly context: GroupContext;
  readonly signer: SignatureKeyPair;
  readonly keys: SenderKeys;
  readonly #vector: Keys;
  readonly #tools: Tools;

  constructor(vector: Keys, tools: Tools) {
    this.#vector = vector;
    this.#tools = tools;
    this.suite = tools.suite(vector.cipher_suite);
    this.context = {
      version: 1,
      cipherSuite: vector.cipher_suite,
      groupId: hex(vector.group_id),
      epoch: BigInt(vector.epoch),
      treeHash: hex(vector.tree_hash),
      confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
      extensions: [],
    };
    this.signer = signatureKeyPair(this.suite, tools.privateKey(this.suite, vector.signature_priv));
    const publicKey = hex(vector.signature_pub);
    this.keys = { member: (leaf) => (leaf === SENDER ? publicKey : undefined), external: () => undefined };
  }

  /** A secret tree that nothing has been taken from. */
  secrets(): MessageSecrets {
    const { kdf, aead } = this.suite;
    const root = this.#tools.secret(this.#vector.encryption_secret);
    return {
      senderDataSecret: this.#tools.secret(this.#vector.sender_data_secret),
      secretTree: SecretTree.create(kdf, aead, root, 2, defaultLimits),
    };
  }

  protect(content: Content, format: "public" | "private"): string {
    const { suite, context, signer } = this;
    const wireFormat = format === "public" ? WireFormat.publicMessage : WireFormat.privateMessage;
    const framed = {
      groupId: context.groupId,
      epoch: context.epoch,
      sender: { kind: "member", leafIndex: SENDER },
      authenticatedData: new Uint8Array(0),
      content,
    } as const;
    const signature = signFramedContent(suite, signer, wireFormat, framed, context);
    const confirmationTag = content.kind === "commit" ? new Uint8Array(suite.hashLength) : undefined;
    const authenticated = { wireFormat, content: framed, auth: { signature, confirmationTag } };
    if (format === "private") {
      const { message } = protectPrivate(suite, authenticated, this.secrets(), this.#tools.random);
      return toHex(encodeMLSMessage({ kind: "privateMessage", privateMessage: message }));
    }
    const membershipKey = this.#tools.secret(this.#vector.membership_key);
    const publicMessage = protectPublic(suite, authenticated, context, membershipKey);
    return toHex(encodeMLSMessage({ kind: "publicMessage", publicMessage }));
  }

  /** The content of a message, in the form of the vectors. */
  unprotect(bytes: string): string {
    const { suite, context, keys } = this;
    const message = decodeMLSMessage(hex(bytes));
    switch (message.kind) {
      case "privateMessage":
        return raw(
          unprotectPrivate(suite, message.privateMessage, context, this.secrets(), keys, 0).authenticated.content
            .content,
        );
      case "publicMessage": {
        const membershipKey = this.#tools.secret(this.#vector.membership_key);
        return raw(unprotectPublic(suite, message.publicMessage, context, membershipKey, keys).content.content);
      }
      default:
        throw new Difference(`a ${message.kind}`);
    }
  }
}

function raw(content: Content): string {
  return content.kind === "application" ? toHex(content.applicationData) : toHex(encodeWhole(content, writeContent));
}

/** Framing of the three kinds of content (RFC 9420 section 6). */
export const messageProtection: VectorKind = {
  name: "message-protection",
  fields: ["proposal_pub", "commit_priv", "application_priv"],
  verify: (vector: MessageProtection, tools) => {
    const group = new Group(vector, tools);
    same("signature_pub", group.signer.publicKey, vector.signature_pub);
    const proposal: Content = { kind: "proposal", proposal: decodeProposal(hex(vector.proposal)) };
    const commit: Content = { kind: "commit", commit: decodeCommit(hex(vector.commit)) };
    const application: Content = { kind: "application", applicationData: hex(vector.application) };
    for (const content of [proposal, commit, application]) {
      const { kind } = content;
      same(`${kind}_priv`, group.unprotect(vector[`${kind}_priv`]), vector[kind]);
      same(`our own ${kind}_priv`, group.unprotect(group.protect(content, "private")), vector[kind]);
      if (kind === "application") continue;
      same(`${kind}_pub`, group.unprotect(vector[`${kind}_pub`]), vector[kind]);
      same(`our own ${kind}_pub`, group.unprotect(group.protect(content, "public")), vector[kind]);
    }
    same(
      "application data as PublicMessage",
      isRefused(() => group.protect(application, "public")),
      true,
    );
  },
  generate: (suite, tools) => {
    const fresh = (): string => toHex(tools.bytes(suite.hashLength));
    const signer = generateSignatureKeyPair(suite, tools.random);
    const keys: Keys = {
      cipher_suite: suite.id,
      group_id: fresh(),
      epoch: 9,
      tree_hash: fresh(),
      confirmed_transcript_hash: fresh(),
      signature_priv: toHex(exportPrivateKey(suite, signer)),
      signature_pub: toHex(signer.publicKey),
      encryption_secret: fresh(),
      sender_data_secret: fresh(),
      membership_key: fresh(),
    };
    const group = new Group(keys, tools);
    const proposal = { kind: "remove", removed: 0 } as const;
    const commit = { proposals: [], path: undefined };
    const applicationData = tools.bytes(40);
    return {
      ...keys,
      proposal: toHex(encodeProposal(proposal)),
      proposal_pub: group.protect({ kind: "proposal", proposal }, "public"),
      proposal_priv: group.protect({ kind: "proposal", proposal }, "private"),
      commit: toHex(encodeCommit(commit)),
      commit_pub: group.protect({ kind: "commit", commit }, "public"),
      commit_priv: group.protect({ kind: "commit", commit }, "private"),
      application: toHex(applicationData),
      application_priv: group.protect({ kind: "application", applicationData }, "private"),
    } satisfies MessageProtection;
  },
};

function isRefused(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}
