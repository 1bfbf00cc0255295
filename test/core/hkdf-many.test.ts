import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STATUS_ARGUMENT } from "../../bindings/core/generated/status.ts";
import { toHex, utf8 } from "../support/bytes.ts";
import { engine, expandWithLabel, expandWithLabelMany, hash, kdfs } from "../support/hash.ts";

describe.each(kdfs)("MLS-8-01: ExpandWithLabel of many secrets with $name", ({ kdf, digest }) => {
  const secretsOf = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => hash(kdf, utf8(`secret ${i}`)));

  it("gives what it gives for each alone", () => {
    const bytes = fc.uint8Array({ maxLength: 150 });
    // The lengths of MLS (nonce, keys, secrets), one byte, none, and more than a block.
    const length = fc.constantFrom(0, 1, 12, 16, 31, 32, 33, 48, 64, 65, 200);
    fc.assert(
      fc.property(fc.nat(11), bytes, bytes, length, fc.nat(9), (count, label, context, size, gap) => {
        const secrets = secretsOf(count);
        const outputs = expandWithLabelMany(kdf, secrets, label, context, size, gap) as Uint8Array[];
        expect(outputs.map(toHex)).toEqual(
          secrets.map((secret) => toHex(expandWithLabel(kdf, secret, label, context, size) as Uint8Array)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("is right for every length of info around the block boundaries", () => {
    const secrets = secretsOf(5);
    for (let contextLength = 0; contextLength <= 200; contextLength++) {
      const context = new Uint8Array(contextLength).fill(3);
      const outputs = expandWithLabelMany(kdf, secrets, utf8("tree"), context, digest) as Uint8Array[];
      expect(outputs.map(toHex)).toEqual(
        secrets.map((secret) => toHex(expandWithLabel(kdf, secret, utf8("tree"), context, digest) as Uint8Array)),
      );
    }
  });

  it("may write every output over its own secret", () => {
    const secrets = secretsOf(7);
    const expected = expandWithLabelMany(kdf, secrets, utf8("secret"), utf8(""), digest) as Uint8Array[];
    engine.frame((core, frame) => {
      const at = frame.put(Uint8Array.from(secrets.flatMap((secret) => [...secret])));
      const label = frame.put(utf8("secret"));
      expect(core.expandWithLabelMany(kdf, 7, at, digest, digest, at, digest, label, 6, 0, 0)).toBe(0);
      expect(expected.map((_, i) => engine.copyOut(at + i * digest, digest))).toEqual(expected);
    });
  });

  it("refuses lengths that do not fit KDFLabel or the KDF", () => {
    engine.frame((core, frame) => {
      const at = frame.take(256 * digest);
      const refused = (length: number, labelLength: number, contextLength: number): void => {
        expect(core.expandWithLabel(kdf, at, length, at, digest, at, labelLength, at, contextLength)).toBe(
          STATUS_ARGUMENT,
        );
        expect(
          core.expandWithLabelMany(kdf, 1, at, length, length, at, digest, at, labelLength, at, contextLength),
        ).toBe(STATUS_ARGUMENT);
      };
      refused(255 * digest + 1, 4, 4);
      refused(2 ** 31, 4, 4);
      refused(2 ** 32 - 1, 4, 4);
      refused(digest, 2 ** 30 - 8, 0); // "MLS 1.0 " makes it 2^30
      refused(digest, 2 ** 32 - 1, 0);
      refused(digest, 0, 2 ** 30);
      refused(digest, 0, 2 ** 32 - 1);
      expect(engine.copyOut(at, 256 * digest).every((byte) => byte === 0)).toBe(true);
    });
  });
});
