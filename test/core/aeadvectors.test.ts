import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { AEAD_AES128GCM, AEAD_AES256GCM, AEAD_CHACHA20POLY1305 } from "../../bindings/core/generated/layout.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";
import { open, seal } from "../support/aead.ts";
import { hex, toHex } from "../support/bytes.ts";

const engine = new Engine();

interface Case {
  aead: number;
  key: string;
  nonce: string;
  aad: string;
  message: string;
  sealed: string;
}

function check({ aead, key, nonce, aad, message, sealed }: Case): void {
  expect(toHex(seal(engine, aead, hex(key), hex(nonce), hex(aad), hex(message)))).toBe(sealed);
  const opened = open(engine, aead, hex(key), hex(nonce), hex(aad), hex(sealed));
  expect(opened.status).toBe(STATUS_OK);
  expect(toHex(opened.bytes)).toBe(message);
}

describe("aead: ChaCha20-Poly1305 in RFC 8439", () => {
  it("section 2.8.2", () => {
    check({
      aead: AEAD_CHACHA20POLY1305,
      key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
      nonce: "070000004041424344454647",
      aad: "50515253c0c1c2c3c4c5c6c7",
      message: toHex(
        new TextEncoder().encode(
          "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
        ),
      ),
      sealed:
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29" +
        "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b" +
        "6116" +
        "1ae10b594f09e26a7e902ecbd0600691",
    });
  });

  it("appendix A.5", () => {
    check({
      aead: AEAD_CHACHA20POLY1305,
      key: "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
      nonce: "000000000102030405060708",
      aad: "f33388860000000000004e91",
      message: toHex(
        new TextEncoder().encode(
          "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or obsoleted by other documents at any time. " +
            "It is inappropriate to use Internet-Drafts as reference material or to cite them other than as /\u201cwork in progress./\u201d",
        ),
      ),
      sealed:
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100" +
        "d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b350638" +
        "3606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa115" +
        "5b0047718cbc546a0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10" +
        "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b" +
        "eead9d67890cbb22392336fea1851f38",
    });
  });
});

// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B; the cases with 96-bit nonces.
describe("aead: AES-GCM in the GCM specification", () => {
  const longKey = "feffe9928665731c6d6a8f9467308308";
  const message =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
  const aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
  const zeros = (bytes: number): string => "00".repeat(bytes);
  const cases: Record<number, Omit<Case, "aead">> = {
    1: { key: zeros(16), nonce: zeros(12), aad: "", message: "", sealed: "58e2fccefa7e3061367f1d57a4e7455a" },
    2: {
      key: zeros(16),
      nonce: zeros(12),
      aad: "",
      message: zeros(16),
      sealed: "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
    },
    3: {
      key: longKey,
      nonce: "cafebabefacedbaddecaf888",
      aad: "",
      message,
      sealed:
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985" +
        "4d5c2af327cd64a62cf35abd2ba6fab4",
    },
    4: {
      key: longKey,
      nonce: "cafebabefacedbaddecaf888",
      aad,
      message: message.slice(0, 120),
      sealed:
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091" +
        "5bc94fbc3221a5db94fae95ae7121a47",
    },
    13: { key: zeros(32), nonce: zeros(12), aad: "", message: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b" },
    14: {
      key: zeros(32),
      nonce: zeros(12),
      aad: "",
      message: zeros(16),
      sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    },
    15: {
      key: longKey + longKey,
      nonce: "cafebabefacedbaddecaf888",
      aad: "",
      message,
      sealed:
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad" +
        "b094dac5d93471bdec1a502270e3cc6c",
    },
    16: {
      key: longKey + longKey,
      nonce: "cafebabefacedbaddecaf888",
      aad,
      message: message.slice(0, 120),
      sealed:
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" +
        "76fc6ece0f4e1768cddf8853bb2d551b",
    },
  };
  it.each(Object.keys(cases))("test case %s", (number) => {
    const test = cases[Number(number)]!;
    check({ aead: test.key.length === 32 ? AEAD_AES128GCM : AEAD_AES256GCM, ...test });
  });
});
