// No bytes make a decoder throw anything but an MlsError, and whatever decodes encodes to the same bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MlsError } from "../../bindings/errors.ts";
import { decodeCommit, encodeCommit } from "../../bindings/message/commit.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { readPrivateMessageContent } from "../../bindings/message/privatemessage.ts";
import { decodeRatchetTree, encodeRatchetTree } from "../../bindings/message/ratchettree.ts";
import { decodeGroupSecrets, encodeGroupSecrets } from "../../bindings/message/welcome.ts";
import { toHex } from "../support/bytes.ts";
import { withoutEncoded } from "../../vectors/messages.ts";
import * as samples from "../support/samples.ts";

type Subject = [encoded: Uint8Array, decode: (bytes: Uint8Array) => unknown, encode: (value: never) => Uint8Array];

const subjects: Subject[] = [
  ...samples.mlsMessages.map((message): Subject => [encodeMLSMessage(message), decodeMLSMessage, encodeMLSMessage]),
  [encodeCommit(samples.commit), decodeCommit, encodeCommit],
  [encodeRatchetTree(samples.ratchetTree), decodeRatchetTree, encodeRatchetTree],
  [encodeGroupSecrets(samples.groupSecrets), decodeGroupSecrets, encodeGroupSecrets],
];

/** One change: a byte set, bytes cut out, or bytes put in. */
const change = fc.record({
  at: fc.nat(),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.nat(5)),
  put: fc.oneof(
    { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 1 }) },
    fc.constantFrom(Uint8Array.of(0xff), Uint8Array.of(0xbf, 0xff, 0xff, 0xff), Uint8Array.of(0x40, 0)),
    fc.uint8Array({ maxLength: 5 }),
  ),
});

function mutate(bytes: Uint8Array, changes: { at: number; cut: number; put: Uint8Array }[]): Uint8Array {
  let result = bytes;
  for (const { at, cut, put } of changes) {
    const place = at % (result.length + 1);
    result = Uint8Array.from([...result.subarray(0, place), ...put, ...result.subarray(place + cut)]);
  }
  return result;
}

/** What `run` returns, or undefined if it throws an MlsError; anything else is passed on. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    expect(error.code).toMatch(/^ERR_(MALFORMED|LIMIT|UNSUPPORTED|EXTENSION|TREE|KEY_PACKAGE)$/);
    return undefined;
  }
}

describe("decoders", () => {
  it("DEF-05 MLS-13.4-01 throw an MlsError or give back the same bytes, for changed messages", () => {
    let decoded = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...subjects),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (subject, changes) => {
          const [encoded, decode, encode] = subject;
          const bytes = mutate(encoded, changes);
          const value = attempt(() => decode(bytes));
          if (value === undefined) return;
          decoded++;
          expect(toHex(encode(value as never))).toBe(toHex(bytes));
          expect(toHex(encode(withoutEncoded(value) as never))).toBe(toHex(bytes));
        },
      ),
      { numRuns: 4000 },
    );
    // The changes must be small enough for some to get through.
    expect(decoded).toBeGreaterThan(100);
  });

  it("throw an MlsError for random bytes behind a valid beginning", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.uint8Array({ maxLength: 200 }), (wireFormat, rest) => {
        attempt(() => decodeMLSMessage(Uint8Array.from([0, 1, 0, wireFormat, ...rest])));
        for (const type of ["application", "proposal", "commit"] as const) {
          attempt(() => readPrivateMessageContent(rest, type));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("MLS-2.1.2-06 refuse every prefix of every sample", () => {
    for (const [encoded, decode] of subjects) {
      expect(attempt(() => decode(encoded))).toBeDefined();
      for (let length = 0; length < encoded.length; length++) {
        if (attempt(() => decode(encoded.subarray(0, length))) !== undefined) expect.fail(`${length} bytes decode`);
      }
    }
  });
});
