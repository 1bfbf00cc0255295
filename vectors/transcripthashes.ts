import { verifyMac, mac } from "../bindings/crypto/hash.ts";
import { generateSignatureKeyPair } from "../bindings/crypto/signature.ts";
import { signFramedContent } from "../bindings/framing/authenticated.ts";
import {
  type AuthenticatedContent,
  decodeAuthenticatedContent,
  encodeAuthenticatedContent,
} from "../bindings/message/framing.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../bindings/schedule/transcript.ts";
import { Difference, hex, same, toHex, type VectorKind } from "./kind.ts";

interface TranscriptHashes {
  readonly cipher_suite: number;
  readonly confirmation_key: string;
  readonly authenticated_content: string;
  readonly interim_transcript_hash_before: string;
  readonly confirmed_transcript_hash_after: string;
  readonly interim_transcript_hash_after: string;
}

/** The hashes over all commits so far (RFC 9420 section 8.2). */
export const transcriptHashes: VectorKind = {
  name: "transcript-hashes",
  fields: ["authenticated_content", "interim_transcript_hash_before"],
  verify: (vector: TranscriptHashes, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    const commit = decodeAuthenticatedContent(hex(vector.authenticated_content));
    const tag = commit.auth.confirmationTag;
    if (tag === undefined) throw new Difference("authenticated_content is no commit");
    const confirmed = confirmedTranscriptHash(suite, hex(vector.interim_transcript_hash_before), commit);
    same("confirmed_transcript_hash_after", confirmed, vector.confirmed_transcript_hash_after);
    const interim = interimTranscriptHash(suite, confirmed, tag);
    same("interim_transcript_hash_after", interim, vector.interim_transcript_hash_after);
    verifyMac(suite, tools.secret(vector.confirmation_key), confirmed, tag);
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
    const signer = generateSignatureKeyPair(suite, tools.random);
    const signature = signFramedContent(suite, signer, 1, content, groupContext);
    const key = fresh();
    const before = fresh();
    const unconfirmed: AuthenticatedContent = {
      wireFormat: 1,
      content,
      auth: { signature, confirmationTag: new Uint8Array(suite.hashLength) },
    };
    const confirmed = confirmedTranscriptHash(suite, before, unconfirmed);
    const confirmationTag = mac(suite, tools.secret(toHex(key)), confirmed);
    return {
      cipher_suite: suite.id,
      confirmation_key: toHex(key),
      authenticated_content: toHex(
        encodeAuthenticatedContent({ ...unconfirmed, auth: { signature, confirmationTag } }),
      ),
      interim_transcript_hash_before: toHex(before),
      confirmed_transcript_hash_after: toHex(confirmed),
      interim_transcript_hash_after: toHex(interimTranscriptHash(suite, confirmed, confirmationTag)),
    } satisfies TranscriptHashes;
  },
};
