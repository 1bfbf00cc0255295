import { describe, expect, it } from "vitest";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { STATUS_ARGUMENT } from "../../bindings/core/generated/status.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import { deriveSecret, expandWithLabel, hash, hkdfExpand, hkdfExtract, kdfs } from "../support/hash.ts";
import { loadVectors } from "../support/vectors.ts";

const reference = { sha256, sha384, sha512 };

// RFC 5869, appendix A: the SHA-256 cases.
const rfc5869 = [
  {
    ikm: "0b".repeat(22),
    salt: "000102030405060708090a0b0c",
    info: "f0f1f2f3f4f5f6f7f8f9",
    prk: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
    okm: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  },
  {
    ikm: toHex(Uint8Array.from({ length: 80 }, (_, i) => i)),
    salt: toHex(Uint8Array.from({ length: 80 }, (_, i) => 0x60 + i)),
    info: toHex(Uint8Array.from({ length: 80 }, (_, i) => 0xb0 + i)),
    prk: "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
    okm:
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09" +
      "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
  },
  {
    ikm: "0b".repeat(22),
    salt: "",
    info: "",
    prk: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
    okm: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  },
];

it("gives the known answers of RFC 5869", () => {
  for (const { ikm, salt, info, prk, okm } of rfc5869) {
    expect(toHex(hkdfExtract(1, hex(salt), hex(ikm)))).toBe(prk);
    expect(toHex(hkdfExpand(1, hex(prk), hex(info), okm.length / 2) as Uint8Array)).toBe(okm);
  }
});

describe.each(kdfs)("HKDF with $name", ({ kdf, digest, name }) => {
  it("agrees with the reference", () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.nat(3 * digest + 1), (salt, ikm, info, length) => {
        const prk = extract(reference[name], ikm, salt);
        expect(toHex(hkdfExtract(kdf, salt, ikm))).toBe(toHex(prk));
        const expected = length === 0 ? new Uint8Array(0) : expand(reference[name], prk, info, length);
        expect(toHex(hkdfExpand(kdf, prk, info, length) as Uint8Array)).toBe(toHex(expected));
      }),
      { numRuns: 150 },
    );
  });

  it("gives 255 blocks and refuses a byte more", () => {
    const prk = hash(kdf, utf8("prk"));
    const longest = 255 * digest;
    expect(hkdfExpand(kdf, prk, utf8("info"), longest)).toEqual(expand(reference[name], prk, utf8("info"), longest));
    expect(hkdfExpand(kdf, prk, utf8("info"), longest + 1)).toBe(STATUS_ARGUMENT);
    expect(expandWithLabel(kdf, prk, utf8("a"), utf8("b"), longest + 1)).toBe(STATUS_ARGUMENT);
  });
});

interface Basics {
  cipher_suite: number;
  ref_hash: { label: string; value: string; out: string };
  expand_with_label: { secret: string; label: string; context: string; length: number; out: string };
  derive_secret: { secret: string; label: string; out: string };
  derive_tree_secret: { secret: string; label: string; generation: number; length: number; out: string };
}

const kdfOfSuite = [1, 1, 1, 3, 3, 3, 2];
const basics = loadVectors<Basics[]>("mls/crypto-basics.json");

// The vectors' strings are shorter than 16 KiB.
function vector(bytes: Uint8Array): number[] {
  return bytes.length < 64 ? [bytes.length, ...bytes] : [0x40 | (bytes.length >> 8), bytes.length & 0xff, ...bytes];
}

it.skipIf(basics === undefined)("MLS-8-01, MLS-8-02, MLS-8-08: agrees with crypto-basics for suites 1 to 7", () => {
  expect(basics!.map((entry) => entry.cipher_suite)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  for (const { cipher_suite, ref_hash, expand_with_label, derive_secret, derive_tree_secret } of basics!) {
    const kdf = kdfOfSuite[cipher_suite - 1]!;
    const refInput = Uint8Array.from([...vector(utf8(ref_hash.label)), ...vector(hex(ref_hash.value))]);
    expect(toHex(hash(kdf, refInput))).toBe(ref_hash.out);
    const { secret, label, context, length, out } = expand_with_label;
    expect(toHex(expandWithLabel(kdf, hex(secret), utf8(label), hex(context), length) as Uint8Array)).toBe(out);
    expect(toHex(deriveSecret(kdf, hex(derive_secret.secret), utf8(derive_secret.label)))).toBe(derive_secret.out);
    const tree = derive_tree_secret;
    const generation = hex(tree.generation.toString(16).padStart(8, "0"));
    expect(toHex(expandWithLabel(kdf, hex(tree.secret), utf8(tree.label), generation, tree.length) as Uint8Array)).toBe(
      tree.out,
    );
  }
});
