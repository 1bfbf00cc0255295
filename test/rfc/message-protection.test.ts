import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { verifyMac } from "../../bindings/crypto/hash.ts";
import { signatureKeyPair } from "../../bindings/crypto/signature.ts";
import { cipherSuite, suiteParameters } from "../../bindings/crypto/suite.ts";
import { type SenderKeys, signFramedContent } from "../../bindings/framing/authenticated.ts";
import { openPrivate, protectPrivate, unprotectPrivate } from "../../bindings/framing/privatemessage.ts";
import { protectPublic, unprotectPublic } from "../../bindings/framing/publicmessage.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { decodeCommit } from "../../bindings/message/commit.ts";
import { WireFormat } from "../../bindings/message/constants.ts";
import {
  type AuthenticatedContent,
  authenticatedContentTbm,
  type Content,
  type FramedContent,
  publicAuthenticatedContent,
  type PublicMessage,
  writeContent,
} from "../../bindings/message/framing.ts";
import { encodeWhole } from "../../bindings/codec/writer.ts";
import type { GroupContext } from "../../bindings/message/groupcontext.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { PrivateMessage } from "../../bindings/message/privatemessage.ts";
import { decodeProposal } from "../../bindings/message/proposals.ts";
import { SecretTree } from "../../bindings/schedule/ratchet.ts";
import { hex, toHex } from "../support/bytes.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { symmetricSuite } from "../support/suites.ts";
import { loadVectors } from "../support/vectors.ts";

interface Case {
  cipher_suite: number;
  group_id: string;
  epoch: number;
  tree_hash: string;
  confirmed_transcript_hash: string;
  signature_priv: string;
  signature_pub: string;
  encryption_secret: string;
  sender_data_secret: string;
  membership_key: string;
  proposal: string;
  proposal_pub: string;
  proposal_priv: string;
  commit: string;
  commit_pub: string;
  commit_priv: string;
  application: string;
  application_priv: string;
}

const cases = loadVectors<Case[]>("mls/message-protection.json");
const sender = 1;

/** The arm of the content alone: what the vectors call the raw value. */
function raw(content: Content): string {
  return content.kind === "application" ? toHex(content.applicationData) : toHex(encodeWhole(content, writeContent));
}

function setUp(vector: Case, engine = new Engine()) {
  const { kdf, aead } = suiteParameters(vector.cipher_suite);
  const secret = (text: string): Secret => Secret.import(engine, hex(text));
  const groupContext: GroupContext = {
    version: 1,
    cipherSuite: vector.cipher_suite,
    groupId: hex(vector.group_id),
    epoch: BigInt(vector.epoch),
    treeHash: hex(vector.tree_hash),
    confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
    extensions: [],
  };
  const messageSecrets = () => ({
    senderDataSecret: secret(vector.sender_data_secret),
    secretTree: SecretTree.create(kdf, aead, secret(vector.encryption_secret), 2, defaultLimits),
  });
  const keys: SenderKeys = {
    member: (leafIndex) => (leafIndex === sender ? hex(vector.signature_pub) : undefined),
    external: () => undefined,
  };
  const contents: { content: Content; value: string; pub: string | undefined; priv: string }[] = [
    {
      content: { kind: "proposal", proposal: decodeProposal(hex(vector.proposal)) },
      value: vector.proposal,
      pub: vector.proposal_pub,
      priv: vector.proposal_priv,
    },
    {
      content: { kind: "commit", commit: decodeCommit(hex(vector.commit)) },
      value: vector.commit,
      pub: vector.commit_pub,
      priv: vector.commit_priv,
    },
    {
      content: { kind: "application", applicationData: hex(vector.application) },
      value: vector.application,
      pub: undefined,
      priv: vector.application_priv,
    },
  ];
  return { engine, secret, groupContext, messageSecrets, keys, contents, membershipKey: secret(vector.membership_key) };
}

function publicMessage(text: string): PublicMessage {
  const message = decodeMLSMessage(hex(text));
  if (message.kind !== "publicMessage") throw new Error(`a ${message.kind}`);
  return message.publicMessage;
}

function privateMessage(text: string): PrivateMessage {
  const message = decodeMLSMessage(hex(text));
  if (message.kind !== "privateMessage") throw new Error(`a ${message.kind}`);
  return message.privateMessage;
}

describe.skipIf(cases === undefined)("message-protection.json", () => {
  it.each(cases ?? [])(
    "suite $cipher_suite: membership tags and content encryption (MLS-6.2-01, MLS-6.3.1-06, MLS-6.3.2-03)",
    (vector) => {
      const { engine, groupContext, messageSecrets, keys, contents, membershipKey } = setUp(vector);
      const suite = symmetricSuite(engine, vector.cipher_suite);
      for (const { value, pub, priv } of contents) {
        if (pub !== undefined) {
          const message = publicMessage(pub);
          const authenticated = publicAuthenticatedContent(message);
          expect(raw(message.content.content)).toBe(value);
          verifyMac(suite, membershipKey, authenticatedContentTbm(authenticated, groupContext), message.membershipTag!);
        }
        const opened = openPrivate(suite, privateMessage(priv), groupContext, messageSecrets(), keys, 0);
        expect(raw(opened.authenticated.content.content)).toBe(value);
      }
    },
  );

  it.each(cases ?? [])("suite $cipher_suite: unprotects the vectors, protects and unprotects anew", (vector) => {
    const { engine, secret, groupContext, messageSecrets, keys, contents, membershipKey } = setUp(vector);
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    // The vectors drop leading zeros of a P-521 scalar.
    const privateKey = suite.id === 5 ? vector.signature_priv.padStart(132, "0") : vector.signature_priv;
    const keyPair = signatureKeyPair(suite, secret(privateKey));
    expect(toHex(keyPair.publicKey)).toBe(vector.signature_pub);
    const ours = messageSecrets();
    const theirs = messageSecrets();
    for (const { content, value, pub, priv } of contents) {
      const opened = unprotectPrivate(suite, privateMessage(priv), groupContext, messageSecrets(), keys, 0);
      expect(raw(opened.authenticated.content.content)).toBe(value);

      const framed: FramedContent = {
        groupId: groupContext.groupId,
        epoch: groupContext.epoch,
        sender: { kind: "member", leafIndex: sender },
        authenticatedData: hex("aabb"),
        content,
      };
      const authenticate = (wireFormat: number): AuthenticatedContent => ({
        wireFormat,
        content: framed,
        auth: {
          signature: signFramedContent(suite, keyPair, wireFormat, framed, groupContext),
          confirmationTag: content.kind === "commit" ? new Uint8Array(suite.hashLength) : undefined,
        },
      });
      const sealed = protectPrivate(suite, authenticate(WireFormat.privateMessage), ours, systemRandom, () => 7);
      const sent = encodeMLSMessage({ kind: "privateMessage", privateMessage: sealed.message });
      const received = unprotectPrivate(suite, privateMessage(toHex(sent)), groupContext, theirs, keys, 0);
      expect(raw(received.authenticated.content.content)).toBe(value);
      expect(received.position).toEqual(sealed.position);

      const open = authenticate(WireFormat.publicMessage);
      if (pub === undefined) {
        // MLS-6-05: application data is refused as PublicMessage on both sides.
        expect(() => protectPublic(suite, open, groupContext, membershipKey)).toThrow(
          expect.objectContaining({ code: "ERR_USAGE", rule: "MLS-6-05" }),
        );
      } else {
        const known = unprotectPublic(suite, publicMessage(pub), groupContext, membershipKey, keys);
        expect(raw(known.content.content)).toBe(value);
        const message = protectPublic(suite, open, groupContext, membershipKey);
        const bytes = encodeMLSMessage({ kind: "publicMessage", publicMessage: message });
        const back = unprotectPublic(suite, publicMessage(toHex(bytes)), groupContext, membershipKey, keys);
        expect(raw(back.content.content)).toBe(value);
      }
    }
  });
});
