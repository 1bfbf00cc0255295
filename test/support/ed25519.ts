// Drives the core's Ed25519, and crafts signatures with points outside the prime-order group.
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK, STATUS_SIGNATURE } from "../../bindings/core/generated/status.ts";
import { hex, utf8 } from "./bytes.ts";

/** The order of the base point. */
export const ORDER: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;

export const { Point } = ed25519;
export type EdwardsPoint = typeof Point.BASE;

/** What a verifier is given. */
export interface Signed {
  publicKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}

/** Little-endian bytes of a number. */
export function encodeNumber(x: bigint, length = 32): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => Number((x >> BigInt(8 * i)) & 255n));
}

/** The number of little-endian bytes. */
export function decodeNumber(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The points of the small subgroup: multiples 0 to 7 of a point of order 8. */
export const torsion: EdwardsPoint[] = ED25519_TORSION_SUBGROUP.map((encoding) => Point.fromHex(encoding));

/** Every encoding that some verifier decodes to a point of small order: canonical, y + p, and -0. */
export const smallOrderEncodings: Uint8Array[] = (() => {
  const ys = torsion.map((point) => point.toAffine().y);
  const numbers = new Set<bigint>();
  for (const y of ys) {
    for (const number of [y, y + FIELD]) {
      if (number < 2n ** 255n) for (const sign of [0n, 1n]) numbers.add(number | (sign << 255n));
    }
  }
  return [...numbers].map((number) => encodeNumber(number));
})();

/** Encodings of no point: y not on the curve, y >= p, x = 0 with its sign bit set. */
export const notPointEncodings: Uint8Array[] = [
  encodeNumber(2n), // (y^2 - 1) / (d y^2 + 1) is no square
  encodeNumber(7n),
  ...[0n, 1n, 3n, 4n, 18n].flatMap((y) => [0n, 1n].map((sign) => encodeNumber((y + FIELD) | (sign << 255n)))),
  encodeNumber(1n | (1n << 255n)),
  encodeNumber((FIELD - 1n) | (1n << 255n)),
];

/** k = SHA-512(R || A || M) mod L. */
export function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return decodeNumber(sha512(Uint8Array.of(...r, ...publicKey, ...message))) % ORDER;
}

/** A signature by secret scalar `a` and nonce `r`, whose A and R are moved by small-order points. */
export function craft(a: bigint, r: bigint, atA: EdwardsPoint, atR: EdwardsPoint, message: Uint8Array): Signed {
  const multiple = (n: bigint): EdwardsPoint => (n === 0n ? Point.ZERO : Point.BASE.multiply(n));
  const publicKey = multiple(a).add(atA).toBytes();
  const encodedR = multiple(r).add(atR).toBytes();
  const s = (r + challenge(encodedR, publicKey, message) * a) % ORDER;
  return { publicKey, message, signature: Uint8Array.of(...encodedR, ...encodeNumber(s)) };
}

/** A valid signature that depends on the numbers alone; `key` tells the keys apart. */
export function signed(index: number, length = 20, key: number = index): Signed {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, key + 1);
  const message = new Uint8Array(length).fill(index);
  return { publicKey: ed25519.getPublicKey(seed), message, signature: ed25519.sign(message, seed) };
}

/** RFC 8032, section 7.1: secret key, public key, message, signature. TEST 1024's message stands in Wycheproof. */
export const rfc8032: { name: string; seed: string; publicKey: string; message: string; signature: string }[] = [
  {
    name: "TEST 1",
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    name: "TEST 2",
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    name: "TEST 3",
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
  {
    name: "TEST SHA(abc)",
    seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    signature:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
      "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  },
];

export const rfc8032Test1024: { seed: string; publicKey: string; signature: string } = {
  seed: "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
  publicKey: "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
  signature:
    "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350" +
    "aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03",
};

/** The public key of a seed. */
export function publicKey(engine: Engine, seed: Uint8Array): Uint8Array<ArrayBuffer> {
  return engine.frame((core, frame) => {
    const dst = frame.take(64);
    core.ed25519KeyPair(dst, frame.put(seed));
    return engine.copyOut(dst + 32, 32);
  });
}

/** The signature of a seed's key pair. */
export function sign(engine: Engine, seed: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return engine.frame((core, frame) => {
    const [dst, pair] = [frame.take(64), frame.take(64)];
    core.ed25519KeyPair(pair, frame.put(seed));
    core.ed25519Sign(dst, pair, frame.put(message), message.length);
    return engine.copyOut(dst, 64);
  });
}

/** The status of one verification. */
export function verify(engine: Engine, item: Signed): number {
  return engine.frame((core, frame) =>
    core.ed25519Verify(
      frame.put(item.publicKey),
      frame.put(item.message),
      item.message.length,
      frame.put(item.signature),
    ),
  );
}

/** The messages of the tests. */
export const someMessage: Uint8Array = utf8("A message of some length, longer than the tests need");
export const zeroSeed: Uint8Array = hex("00".repeat(32));

/** The index of the first signature of a batch that fails, or -1. */
export function verifyBatch(engine: Engine, items: readonly Signed[], seed: Uint8Array): number {
  return engine.frame((core, frame) => {
    const words = (numbers: number[]): number => frame.put(new Uint8Array(Uint32Array.from(numbers).buffer));
    const failure = frame.put(new Uint8Array(4).fill(0xee));
    const status = core.ed25519VerifyBatch(
      items.length,
      words(items.map((item) => frame.put(item.publicKey))),
      words(items.map((item) => frame.put(item.message))),
      words(items.map((item) => item.message.length)),
      words(items.map((item) => frame.put(item.signature))),
      frame.put(seed),
      failure,
    );
    if (status === STATUS_OK) return -1;
    if (status !== STATUS_SIGNATURE) throw new Error(`status ${status}`);
    return engine.word(failure);
  });
}
