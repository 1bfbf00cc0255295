import { mac, verifyMac } from "../bindings/crypto/hash.ts";
import { generateSignatureKeyPair } from "../bindings/crypto/signature.ts";
import { signFramedContent } from "../bindings/framing/authenticated.ts";
import { WireFormat } from "../bindings/message/constants.ts";
import {
  type AuthenticatedContent,
  decodeAuthenticatedContent,
  encodeAuthenticatedContent,
} from "../bindings/message/framing.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../bindings/schedule/transcript.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { bytes, Difference, record, same, uint16 } from "./shape.ts";

const shape = record({
  cipher_suite: uint16,
  confirmation_key: bytes,
  authenticated_content: bytes,
  interim_transcript_hash_before: bytes,
  confirmed_transcript_hash_after: bytes,
  interim_transcript_hash_after: bytes,
});

/** The hashes over all commits so far (RFC 9420 section 8.2). */
export const transcriptHashes: VectorKind = vectorKind("transcript-hashes", shape, {
  verify: (vector, tools) => {
    const suite = tools.symmetric(vector.cipher_suite);
    const commit = decodeAuthenticatedContent(vector.authenticated_content);
    const tag = commit.auth.confirmationTag;
    if (tag === undefined) throw new Difference("authenticated_content is no commit");
    const confirmed = confirmedTranscriptHash(suite, vector.interim_transcript_hash_before, commit);
    same("confirmed_transcript_hash_after", confirmed, vector.confirmed_transcript_hash_after);
    const interim = interimTranscriptHash(suite, confirmed, tag);
    same("interim_transcript_hash_after", interim, vector.interim_transcript_hash_after);
    const key = tools.hashSecret(suite, "confirmation_key", vector.confirmation_key);
    verifyMac(suite, key, confirmed, tag);
  },
  generate: (suite, tools) => {
    const fresh = (): Uint8Array => tools.bytes(suite.hashLength);
    const groupContext = {
      version: 1,
      cipherSuite: suite.id,
      groupId: fresh(),
      epoch: 3n,
      treeHash: fresh(),
      confirmedTranscriptHash: fresh(),
      extensions: [],
    };
    const content = {
      groupId: groupContext.groupId,
      epoch: groupContext.epoch,
      sender: { kind: "member", leafIndex: 0 },
      authenticatedData: new Uint8Array(0),
      content: { kind: "commit", commit: { proposals: [], path: undefined } },
    } as const;
    const wireFormat = WireFormat.publicMessage;
    const signer = generateSignatureKeyPair(suite, tools.random);
    tools.own(signer.privateKey);
    const signature = signFramedContent(suite, signer, wireFormat, content, groupContext);
    const [key, before] = [fresh(), fresh()];
    const commit = (confirmationTag: Uint8Array): AuthenticatedContent => ({
      wireFormat,
      content,
      auth: { signature, confirmationTag },
    });
    // The confirmed hash does not cover the tag.
    const confirmed = confirmedTranscriptHash(suite, before, commit(new Uint8Array(suite.hashLength)));
    const confirmationTag = mac(suite, tools.secret(key), confirmed);
    return {
      cipher_suite: suite.id,
      confirmation_key: key,
      authenticated_content: encodeAuthenticatedContent(commit(confirmationTag)),
      interim_transcript_hash_before: before,
      confirmed_transcript_hash_after: confirmed,
      interim_transcript_hash_after: interimTranscriptHash(suite, confirmed, confirmationTag),
    };
  },
});
