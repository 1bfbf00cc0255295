import { encodeWhole } from "../bindings/codec/writer.ts";
import type { Secret } from "../bindings/core/secret.ts";
import { exportPrivateKey, generateSignatureKeyPair, type SignatureKeyPair } from "../bindings/crypto/signature.ts";
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
import { type VectorKind, vectorKind } from "./kind.ts";
import { bytes, Difference, type Of, record, same, uint16, uint64 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const keyFields = {
  cipher_suite: uint16,
  group_id: bytes,
  epoch: uint64,
  tree_hash: bytes,
  confirmed_transcript_hash: bytes,
  signature_priv: bytes,
  signature_pub: bytes,
  encryption_secret: bytes,
  sender_data_secret: bytes,
  membership_key: bytes,
};
const shape = record({
  ...keyFields,
  proposal: bytes,
  proposal_pub: bytes,
  proposal_priv: bytes,
  commit: bytes,
  commit_pub: bytes,
  commit_priv: bytes,
  application: bytes,
  application_priv: bytes,
});

type Keys = Pick<Of<typeof shape>, keyof typeof keyFields>;

/** The vectors' sender. */
const SENDER = 1;

/** One epoch of a group with two members, as far as messages need it. */
class Epoch {
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
      groupId: vector.group_id,
      epoch: vector.epoch,
      treeHash: vector.tree_hash,
      confirmedTranscriptHash: vector.confirmed_transcript_hash,
      extensions: [],
    };
    const publicKey = vector.signature_pub;
    this.signer = tools.signatureKeyPair(this.suite, "signature_priv", vector.signature_priv, publicKey);
    this.keys = { member: (leaf) => (leaf === SENDER ? publicKey : undefined), external: () => undefined };
  }

  /** A secret tree that nothing has been taken from. */
  #secrets(): MessageSecrets {
    const { kdf, aead } = this.suite;
    const root = this.#secret("encryption_secret");
    return {
      senderDataSecret: this.#secret("sender_data_secret"),
      secretTree: this.#tools.own(SecretTree.create(kdf, aead, root, 2, defaultLimits)),
    };
  }

  #secret(what: "encryption_secret" | "sender_data_secret" | "membership_key"): Secret {
    return this.#tools.hashSecret(this.suite, what, this.#vector[what]);
  }

  protect(content: Content, format: "public" | "private"): Uint8Array {
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
      const { message } = protectPrivate(suite, authenticated, this.#secrets(), this.#tools.random);
      return encodeMLSMessage({ kind: "privateMessage", privateMessage: message });
    }
    const membershipKey = this.#secret("membership_key");
    const publicMessage = protectPublic(suite, authenticated, context, membershipKey);
    return encodeMLSMessage({ kind: "publicMessage", publicMessage });
  }

  /** The content of a message, in the form of the vectors. */
  unprotect(encoded: Uint8Array): Uint8Array {
    const { suite, context, keys } = this;
    const message = decodeMLSMessage(encoded);
    switch (message.kind) {
      case "privateMessage": {
        const opened = unprotectPrivate(suite, message.privateMessage, context, this.#secrets(), keys, 0);
        return raw(opened.authenticated.content.content);
      }
      case "publicMessage": {
        const membershipKey = this.#secret("membership_key");
        return raw(unprotectPublic(suite, message.publicMessage, context, membershipKey, keys).content.content);
      }
      default:
        throw new Difference(`a ${message.kind} where protected content was expected`);
    }
  }

  /** That a message of the case, and one of ours, hold the content. */
  verify(field: string, message: Uint8Array, content: Content, format: "public" | "private"): void {
    same(field, this.unprotect(message), raw(content));
    same(`our own ${field}`, this.unprotect(this.protect(content, format)), raw(content));
  }
}

function raw(content: Content): Uint8Array {
  return content.kind === "application" ? content.applicationData : encodeWhole(content, writeContent);
}

function isRefused(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

/** Framing of the three kinds of content (RFC 9420 section 6). */
export const messageProtection: VectorKind = vectorKind("message-protection", shape, {
  verify: (vector, tools) => {
    const epoch = new Epoch(vector, tools);
    const proposal: Content = { kind: "proposal", proposal: decodeProposal(vector.proposal) };
    const commit: Content = { kind: "commit", commit: decodeCommit(vector.commit) };
    const application: Content = { kind: "application", applicationData: vector.application };
    epoch.verify("proposal_pub", vector.proposal_pub, proposal, "public");
    epoch.verify("proposal_priv", vector.proposal_priv, proposal, "private");
    epoch.verify("commit_pub", vector.commit_pub, commit, "public");
    epoch.verify("commit_priv", vector.commit_priv, commit, "private");
    epoch.verify("application_priv", vector.application_priv, application, "private");
    // MLS-6-05
    same(
      "application data is refused as PublicMessage",
      isRefused(() => epoch.protect(application, "public")),
      true,
    );
  },
  generate: (suite, tools) => {
    const fresh = (): Uint8Array => tools.bytes(suite.hashLength);
    const signer = generateSignatureKeyPair(suite, tools.random);
    tools.own(signer.privateKey);
    const keys: Keys = {
      cipher_suite: suite.id,
      group_id: fresh(),
      epoch: 9n,
      tree_hash: fresh(),
      confirmed_transcript_hash: fresh(),
      signature_priv: exportPrivateKey(suite, signer),
      signature_pub: signer.publicKey,
      encryption_secret: fresh(),
      sender_data_secret: fresh(),
      membership_key: fresh(),
    };
    const epoch = new Epoch(keys, tools);
    const proposal = { kind: "remove", removed: 0 } as const;
    const commit = { proposals: [], path: undefined };
    const applicationData = tools.bytes(40);
    return {
      ...keys,
      proposal: encodeProposal(proposal),
      proposal_pub: epoch.protect({ kind: "proposal", proposal }, "public"),
      proposal_priv: epoch.protect({ kind: "proposal", proposal }, "private"),
      commit: encodeCommit(commit),
      commit_pub: epoch.protect({ kind: "commit", commit }, "public"),
      commit_priv: epoch.protect({ kind: "commit", commit }, "private"),
      application: applicationData,
      application_priv: epoch.protect({ kind: "application", applicationData }, "private"),
    };
  },
});
