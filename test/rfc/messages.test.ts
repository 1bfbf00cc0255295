import { describe, expect, it } from "vitest";
import { MlsError } from "../../bindings/errors.ts";
import { messageCodecs, type MessageField, messageFields } from "../../vectors/messages.ts";
import { hex } from "../support/bytes.ts";
import { officialVectors } from "../support/official.ts";
import { loadVectors } from "../support/vectors.ts";

officialVectors("messages", 300, "MLS-13.4-01");

const cases = loadVectors<Record<MessageField, string>[]>("mls/messages.json");

/** Every prefix and some continuations are tried on this many cases, spread over the file. */
const SAMPLE = 20;

/** What decoding throws: the code of an MlsError, the error itself if it is any other, nothing if it succeeds. */
function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof MlsError ? error.code : error;
  }
  return undefined;
}

describe.skipIf(cases === undefined)("what messages.json leaves out", () => {
  it.each(messageFields)("MLS-2.1.2-06 no prefix of %s decodes, nor anything with bytes after it", (field) => {
    const { decode, prefix } = messageCodecs[field];
    for (let i = 0; i < SAMPLE; i++) {
      const bytes = Uint8Array.from([...prefix, ...hex(cases![i * Math.floor(cases!.length / SAMPLE)]![field])]);
      for (let length = 0; length < bytes.length; length++) {
        const error = failure(() => decode(bytes.subarray(0, length)));
        if (error !== "ERR_MALFORMED") expect.fail(`${length} of ${bytes.length} bytes: ${error}`);
      }
      for (const more of [[0], [1], [0, 0, 0, 0], bytes]) {
        expect(failure(() => decode(Uint8Array.from([...bytes, ...more])))).toBe("ERR_MALFORMED");
      }
    }
  });
});
