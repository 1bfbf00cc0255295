import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { verifyMac } from "../../bindings/crypto/hash.ts";
import { decodeAuthenticatedContent } from "../../bindings/message/framing.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../../bindings/schedule/transcript.ts";
import { hex, toHex } from "../support/bytes.ts";
import { symmetricSuite } from "../support/suites.ts";
import { loadVectors } from "../support/vectors.ts";

interface Case {
  cipher_suite: number;
  confirmation_key: string;
  authenticated_content: string;
  interim_transcript_hash_before: string;
  confirmed_transcript_hash_after: string;
  interim_transcript_hash_after: string;
}

const cases = loadVectors<Case[]>("mls/transcript-hashes.json");

describe.skipIf(cases === undefined)("transcript-hashes.json", () => {
  it.each(cases ?? [])("suite $cipher_suite (MLS-8.2-01, MLS-8.2-02, MLS-6.1-01)", (vector) => {
    const engine = new Engine();
    const suite = symmetricSuite(engine, vector.cipher_suite);
    const commit = decodeAuthenticatedContent(hex(vector.authenticated_content));
    const tag = commit.auth.confirmationTag!;
    const confirmed = confirmedTranscriptHash(suite, hex(vector.interim_transcript_hash_before), commit);
    expect(toHex(confirmed)).toBe(vector.confirmed_transcript_hash_after);
    expect(toHex(interimTranscriptHash(suite, confirmed, tag))).toBe(vector.interim_transcript_hash_after);
    const key = Secret.import(engine, hex(vector.confirmation_key));
    verifyMac(suite, key, confirmed, tag);

    // MLS-6.2-05, DEF-01: every shorter or longer tag, and every changed byte, fails.
    const wrong = expect.objectContaining({ code: "ERR_MAC" });
    for (const length of [0, 1, tag.length - 1]) {
      expect(() => verifyMac(suite, key, confirmed, tag.subarray(0, length))).toThrow(wrong);
    }
    expect(() => verifyMac(suite, key, confirmed, Uint8Array.of(...tag, 0))).toThrow(wrong);
    for (let i = 0; i < tag.length; i++) {
      const bent = tag.slice();
      bent[i]! ^= 1;
      expect(() => verifyMac(suite, key, confirmed, bent)).toThrow(wrong);
    }
    // MLS-8.2-05: the wire format is part of the transcript.
    const other = confirmedTranscriptHash(suite, hex(vector.interim_transcript_hash_before), {
      ...commit,
      wireFormat: 3 - commit.wireFormat,
    });
    expect(other).not.toEqual(confirmed);
  });
});
