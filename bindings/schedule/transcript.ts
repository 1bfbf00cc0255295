// Transcript hashes (RFC 9420, section 8.2).
import { hash, type SymmetricSuite } from "../crypto/hash.ts";
import {
  type AuthenticatedContent,
  confirmedTranscriptHashInput,
  interimTranscriptHashInput,
} from "../message/framing.ts";

/** confirmed_transcript_hash[n] from interim[n-1] and the commit, in the wire format it was sent in (MLS-8.2-01, MLS-8.2-05). */
export function confirmedTranscriptHash(
  suite: SymmetricSuite,
  interimTranscriptHash: Uint8Array,
  commit: AuthenticatedContent,
): Uint8Array<ArrayBuffer> {
  if (commit.content.content.kind !== "commit") throw new TypeError("only commits enter the transcript");
  return hash(suite, interimTranscriptHash, confirmedTranscriptHashInput(commit));
}

/** interim_transcript_hash[n] from confirmed[n] (empty in epoch 0) and the confirmation tag (MLS-8.2-02, MLS-8.2-04, MLS-8.2-06). */
export function interimTranscriptHash(
  suite: SymmetricSuite,
  confirmedTranscriptHash: Uint8Array,
  confirmationTag: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return hash(suite, confirmedTranscriptHash, interimTranscriptHashInput(confirmationTag));
}
