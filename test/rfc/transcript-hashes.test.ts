import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { verifyMac } from "../../bindings/crypto/hash.ts";
import { decodeAuthenticatedContent } from "../../bindings/message/framing.ts";
import { confirmedTranscriptHash } from "../../bindings/schedule/transcript.ts";
import { hex } from "../support/bytes.ts";
import { officialVectors } from "../support/official.ts";
import { symmetricSuite } from "../support/suites.ts";
import { loadVectors } from "../support/vectors.ts";

officialVectors("transcript-hashes", 7, "MLS-8.2-01, MLS-8.2-02, MLS-6.1-01");

interface Case {
  cipher_suite: number;
  confirmation_key: string;
  authenticated_content: string;
  interim_transcript_hash_before: string;
  confirmed_transcript_hash_after: string;
}

const cases = loadVectors<Case[]>("mls/transcript-hashes.json");

describe.skipIf(cases === undefined)("what transcript-hashes.json leaves out", () => {
  const engine = new Engine();

  it.each(cases ?? [])(
    "suite $cipher_suite: no other tag confirms, by length or byte (MLS-6.2-05, DEF-01)",
    (vector) => {
      const suite = symmetricSuite(engine, vector.cipher_suite);
      const tag = decodeAuthenticatedContent(hex(vector.authenticated_content)).auth.confirmationTag!;
      const confirmed = hex(vector.confirmed_transcript_hash_after);
      using key = Secret.import(engine, hex(vector.confirmation_key));
      verifyMac(suite, key, confirmed, tag);
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
    },
  );

  it.each(cases ?? [])("suite $cipher_suite: the wire format is part of the transcript (MLS-8.2-05)", (vector) => {
    const commit = decodeAuthenticatedContent(hex(vector.authenticated_content));
    const hash = (wireFormat: number): Uint8Array =>
      confirmedTranscriptHash(symmetricSuite(engine, vector.cipher_suite), hex(vector.interim_transcript_hash_before), {
        ...commit,
        wireFormat,
      });
    expect(hash(3 - commit.wireFormat)).not.toEqual(hash(commit.wireFormat));
  });
});
