// Members in one process share what has been verified, and nothing but that.
import { describe, expect, it } from "vitest";
import { nist } from "../../bindings/suites/nist.ts";
import { remembering, suites } from "../../interop/grove/suites.ts";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

describe("suites that remember what was verified", () => {
  it("are the five outside the core", () => {
    expect(suites.map(({ cipherSuite }) => cipherSuite).sort()).toEqual([2, 4, 5, 6, 7]);
  });

  it("ask once about the same bytes, and anew about any others", () => {
    const plugin = nist.find(({ cipherSuite }) => cipherSuite === 2)!;
    const scheme = plugin.signatureScheme;
    let asked = 0;
    const { signatureScheme } = remembering({
      ...plugin,
      signatureScheme: {
        ...scheme,
        verify: (...all) => {
          asked++;
          return scheme.verify(...all);
        },
      },
    });
    const keys = [0, 1].map(() => scheme.generate(random));
    const [publicKey, another] = keys.map((key) => scheme.publicKey(key)) as [Uint8Array, Uint8Array];
    const message = random(50);
    const signature = scheme.sign(keys[0]!, message);
    for (let i = 0; i < 3; i++) expect(signatureScheme.verify(publicKey, message, signature)).toBe(true);
    expect(asked).toBe(1);
    // What was true of one message, key or signature says nothing of another.
    const damaged = signature.slice();
    damaged[damaged.length - 1]! ^= 1;
    for (let i = 0; i < 2; i++) {
      expect(signatureScheme.verify(publicKey, message, damaged)).toBe(false);
      expect(signatureScheme.verify(another, message, signature)).toBe(false);
      expect(signatureScheme.verify(publicKey, message.subarray(1), signature)).toBe(false);
    }
    expect(asked).toBe(4);
  });
});
