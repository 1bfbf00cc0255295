import {
  Aes128Gcm,
  Aes256Gcm,
  CipherSuite,
  DhkemX25519HkdfSha256,
  HkdfSha256,
  HkdfSha384,
  HkdfSha512,
} from "@hpke/core";
import { describe, expect, it } from "vitest";
import {
  STATUS_ARGUMENT,
  STATUS_DECRYPT,
  STATUS_PUBLIC_KEY,
  STATUS_UNSUPPORTED,
} from "../../bindings/core/generated/status.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import {
  deriveKeyPair,
  engine,
  exportReceive,
  exportSend,
  open,
  sealMany,
  X25519_KEM,
  type KeyPair,
  type Sealed,
  type Suite,
} from "../support/hpke.ts";
import { occurrences } from "../support/memory.ts";

const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));
const newKeyPair = (): KeyPair => deriveKeyPair(X25519_KEM, random(32));

// RFC 9180, appendices A.1.1 and A.2.1.
const appendix = [
  {
    name: "A.1.1",
    suite: { kem: X25519_KEM, kdf: 1, aead: 1 },
    ikmE: "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
    pkEm: "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
    skEm: "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
    ikmR: "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
    pkRm: "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
    skRm: "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
    ct: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    exported: [
      "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
      "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5",
      "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
    ],
  },
  {
    name: "A.2.1",
    suite: { kem: X25519_KEM, kdf: 1, aead: 3 },
    ikmE: "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b",
    pkEm: "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
    skEm: "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
    ikmR: "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df",
    pkRm: "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
    skRm: "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
    ct: "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
    exported: [
      "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e",
      "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69",
      "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53",
    ],
  },
];

describe.each(appendix)("HPKE in RFC 9180, appendix $name", (vector) => {
  const info = utf8("Ode on a Grecian Urn");
  const recipient = { privateKey: hex(vector.skRm), publicKey: hex(vector.pkRm) };

  it("derives the key pairs", () => {
    const e = deriveKeyPair(X25519_KEM, hex(vector.ikmE));
    expect([toHex(e.privateKey), toHex(e.publicKey)]).toEqual([vector.skEm, vector.pkEm]);
    const r = deriveKeyPair(X25519_KEM, hex(vector.ikmR));
    expect([toHex(r.privateKey), toHex(r.publicKey)]).toEqual([vector.skRm, vector.pkRm]);
  });

  it("opens the first encryption", () => {
    const sealed = { enc: hex(vector.pkEm), ciphertext: hex(vector.ct) };
    const plaintext = open(vector.suite, recipient, sealed, info, utf8("Count-0"));
    expect(toHex(plaintext as Uint8Array)).toBe("4265617574792069732074727574682c20747275746820626561757479");
  });

  it("exports the values", () => {
    const contexts = [new Uint8Array(), Uint8Array.of(0), utf8("TestContext")];
    const values = contexts.map((context) =>
      exportReceive(vector.suite, recipient, hex(vector.pkEm), info, context, 32),
    );
    expect(values.map((value) => toHex(value as Uint8Array))).toEqual(vector.exported);
  });
});

const suites: Suite[] = [1, 2, 3].flatMap((kdf) => [1, 2, 3].map((aead) => ({ kem: X25519_KEM, kdf, aead })));

describe("HPKE beside another implementation", () => {
  const kdfs = { 1: HkdfSha256, 2: HkdfSha384, 3: HkdfSha512 } as const;
  const aeads = { 1: Aes128Gcm, 2: Aes256Gcm } as const;

  // The reference has no ChaCha20-Poly1305: appendix A.2 and the round trips below stand for it.
  it.each(suites.filter(({ aead }) => aead !== 3))("agrees both ways with KDF $kdf, AEAD $aead", async (suite) => {
    const reference = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new kdfs[suite.kdf as 1 | 2 | 3](),
      aead: new aeads[suite.aead as 1 | 2](),
    });
    for (const length of [0, 1, 32, 200]) {
      const pair = newKeyPair();
      const info = random(length * 3);
      const plaintext = random(length);
      const recipientKey = await reference.kem.importKey("raw", pair.privateKey.slice().buffer, false);
      const publicKey = await reference.kem.importKey("raw", pair.publicKey.slice().buffer, true);
      const [sealed] = sealMany(suite, [pair.publicKey], info, [plaintext]) as Sealed[];
      const enc = sealed!.enc.slice().buffer;
      const keys = { privateKey: recipientKey, publicKey };
      const opened = await reference.open(
        { recipientKey: keys, enc, info: info.buffer },
        sealed!.ciphertext.slice().buffer,
      );
      expect(new Uint8Array(opened)).toEqual(plaintext);

      const aad = random(length);
      const theirs = await reference.seal(
        { recipientPublicKey: publicKey, info: info.buffer },
        plaintext.buffer,
        aad.buffer,
      );
      const their = { enc: new Uint8Array(theirs.enc), ciphertext: new Uint8Array(theirs.ct) };
      expect(open(suite, pair, their, info, aad)).toEqual(plaintext);

      const sender = await reference.createSenderContext({ recipientPublicKey: publicKey, info: info.buffer });
      const exported = new Uint8Array(await sender.export(utf8("context").buffer, 77));
      expect(exportReceive(suite, pair, new Uint8Array(sender.enc), info, utf8("context"), 77)).toEqual(exported);
    }
  });
});

describe("HPKE", () => {
  it.each(suites)("seals to many and each opens its own: KDF $kdf, AEAD $aead", (suite) => {
    const pairs = Array.from({ length: 67 }, newKeyPair);
    const info = utf8("the same for all");
    const keys = pairs.map(({ publicKey }) => publicKey);
    const plaintexts = pairs.map(() => random(40));
    const own = sealMany(suite, keys, info, plaintexts) as Sealed[];
    const common = sealMany(suite, keys, info, [plaintexts[0]!]) as Sealed[];
    pairs.forEach((pair, i) => {
      expect(open(suite, pair, own[i]!, info)).toEqual(plaintexts[i]);
      expect(open(suite, pair, common[i]!, info)).toEqual(plaintexts[0]);
    });
    // Every ephemeral key is another.
    expect(new Set([...own, ...common].map(({ enc }) => toHex(enc))).size).toBe(2 * pairs.length);
  });

  it("depends on its seed alone", () => {
    const { publicKey } = newKeyPair();
    const seal = (seed: Uint8Array): unknown => sealMany(suites[0]!, [publicKey], utf8("info"), [utf8("text")], seed);
    const seed = random(32);
    expect(seal(seed)).toEqual(seal(seed));
    expect(seal(seed)).not.toEqual(seal(random(32)));
  });

  it("refuses whatever is not exactly what was sealed", () => {
    const suite = suites[0]!;
    const pair = newKeyPair();
    const info = utf8("info");
    const [sealed] = sealMany(suite, [pair.publicKey], info, [utf8("text")]) as [Sealed];
    const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(open(suite, pair, sealed, info)).toEqual(utf8("text"));
    for (const at of [0, 3, 4, 19]) {
      expect(open(suite, pair, { ...sealed, ciphertext: changed(sealed.ciphertext, at) }, info)).toBe(STATUS_DECRYPT);
    }
    expect(open(suite, pair, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 19) }, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, pair, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 15) }, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, pair, { ...sealed, ciphertext: new Uint8Array() }, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, pair, { ...sealed, enc: changed(sealed.enc, 0) }, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, pair, { ...sealed, enc: new Uint8Array(32) }, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, newKeyPair(), sealed, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, { ...pair, publicKey: changed(pair.publicKey, 0) }, sealed, info)).toBe(STATUS_DECRYPT);
    expect(open(suite, pair, sealed, utf8("inf0"))).toBe(STATUS_DECRYPT);
    expect(open(suite, pair, sealed, info, utf8("aad"))).toBe(STATUS_DECRYPT);
    expect(open({ ...suite, aead: 3 }, pair, sealed, info)).toBe(STATUS_DECRYPT);
  });

  it("names the first key of low order", () => {
    const keys = Array.from({ length: 150 }, () => newKeyPair().publicKey);
    for (const at of [149, 64, 63, 1, 0]) {
      keys[at] = new Uint8Array(32);
      expect(sealMany(suites[0]!, keys, utf8("info"), [utf8("text")])).toEqual({
        status: STATUS_PUBLIC_KEY,
        index: at,
      });
    }
    expect(exportSend(suites[0]!, new Uint8Array(32), utf8("info"), utf8("context"), 32)).toBe(STATUS_PUBLIC_KEY);
  });

  it("exports the same at both ends", () => {
    for (const suite of suites) {
      const pair = newKeyPair();
      for (const length of [1, 32, 300]) {
        const sent = exportSend(suite, pair.publicKey, utf8("info"), utf8("context"), length) as {
          enc: Uint8Array;
          exported: Uint8Array;
        };
        expect(exportReceive(suite, pair, sent.enc, utf8("info"), utf8("context"), length)).toEqual(sent.exported);
      }
      expect(exportReceive(suite, pair, new Uint8Array(32), utf8("info"), utf8("context"), 32)).toBe(STATUS_DECRYPT);
    }
    const { publicKey } = newKeyPair();
    expect(exportSend(suites[0]!, publicKey, utf8("info"), utf8("context"), 255 * 32 + 1)).toBe(STATUS_ARGUMENT);
  });

  it("refuses suites it does not have", () => {
    const pair = newKeyPair();
    const sealed = { enc: new Uint8Array(32), ciphertext: new Uint8Array(32) };
    for (const suite of [
      { kem: 0x21ff, kdf: 1, aead: 1 },
      { kem: X25519_KEM, kdf: 0, aead: 1 },
      { kem: X25519_KEM, kdf: 4, aead: 1 },
      { kem: X25519_KEM, kdf: 1, aead: 0 },
      { kem: X25519_KEM, kdf: 1, aead: 4 },
    ]) {
      expect(sealMany(suite, [pair.publicKey], utf8(""), [utf8("text")])).toMatchObject({ status: STATUS_UNSUPPORTED });
      expect(open(suite, pair, sealed, utf8(""))).toBe(STATUS_UNSUPPORTED);
      expect(exportSend(suite, pair.publicKey, utf8(""), utf8(""), 32)).toBe(STATUS_UNSUPPORTED);
      expect(exportReceive(suite, pair, sealed.enc, utf8(""), utf8(""), 32)).toBe(STATUS_UNSUPPORTED);
    }
  });

  it("leaves no secret in memory", () => {
    const pair = newKeyPair();
    const plaintext = random(32);
    const seed = random(32);
    const [sealed] = sealMany(suites[0]!, [pair.publicKey], utf8("info"), [plaintext], seed) as [Sealed];
    expect(open(suites[0]!, pair, sealed, utf8("info"))).toEqual(plaintext);
    for (const secret of [pair.privateKey, plaintext, seed])
      expect(occurrences(engine, secret.subarray(8, 24))).toBe(0);
  });
});
