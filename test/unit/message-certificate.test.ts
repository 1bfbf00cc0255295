import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MlsError } from "../../bindings/errors.ts";
import { certificateKey } from "../../bindings/message/certificate.ts";
import { hex, toHex } from "../support/bytes.ts";
import { vector } from "../support/leaf.ts";

// Self-signed certificates, made with `openssl req -x509 -subj /CN=a -outform DER`.
const ed25519 = hex(
  "3082012e3081e1a003020102021436e7660ce99643e99793a115187e99570579b309300506032b6570300c310a3008060355" +
    "04030c01613020170d3236313132323233353131365a180f32313236313032393233353131365a300c310a30080603550403" +
    "0c0161302a300506032b6570032100b17ab3fa696492c8b9e808f6ca8c7c2256ea882420dba39448cc273312f8d69da35330" +
    "51301d0603551d0e04160414a16c7cd5f4971b890a668a06fdb57141747e0b7d301f0603551d23041830168014a16c7cd5f4" +
    "971b890a668a06fdb57141747e0b7d300f0603551d130101ff040530030101ff300506032b6570034100cb60c0d42be461da" +
    "01f88573d2216a21cf5ba3b20f11494e0a0152b60acef39b4fb94d48f3be8fcdff72ae4a9aaa17be9b0197005c667378df82" +
    "07590fdd7c07",
);
const ed448 = hex(
  "308201793081faa003020102021434049c777e16ec9a9f073dd139e8037c4af571f1300506032b6571300c310a3008060355" +
    "04030c01613020170d3236313132323233353131365a180f32313236313032393233353131365a300c310a30080603550403" +
    "0c01613043300506032b6571033a002c4dd3e8d054afa307854ceb0cf23243cba0c74cf5abe6bc384c34378bc90c350ee506" +
    "99a91ca8fd5fa90c233919e29e279f4b654d428eaf00a3533051301d0603551d0e04160414b24aa3c8ba97867a2d02ce3222" +
    "0e35892e13b4d6301f0603551d23041830168014b24aa3c8ba97867a2d02ce32220e35892e13b4d6300f0603551d130101ff" +
    "040530030101ff300506032b65710373006fc94f9208901fdbf319a365d983f7d043f404b2de2a3fe779a7c40db3929870e6" +
    "dc4c91f4b2c1309be65c14fa526ce50b76796c6b94bccb800033e1cec4344d7c18482a0eee8716dfa718b81067e68b18c8ed" +
    "795b85c5302119fc3619943947f25410b4f76f1c5794c85bc732c451552f00",
);
const p256 = hex(
  "3082016f30820115a0030201020214362e5f40b5af30a70836487282d9ac34bd134365300a06082a8648ce3d040302300c31" +
    "0a300806035504030c01613020170d3236313132323233353131365a180f32313236313032393233353131365a300c310a30" +
    "0806035504030c01613059301306072a8648ce3d020106082a8648ce3d0301070342000446c6c824d6e3068763d276839114" +
    "90f970e6b6f2c5c31729ebeb72d92f2310ef3a6830c97e6481c8fa573bbd514998de043bcba3699d959165d157e7a879b3fe" +
    "a3533051301d0603551d0e041604147ed30b60f56fa1c465a94628f3df463adbd56ed4301f0603551d230418301680147ed3" +
    "0b60f56fa1c465a94628f3df463adbd56ed4300f0603551d130101ff040530030101ff300a06082a8648ce3d040302034800" +
    "30450220160ad67bbefc430bca64a3b70fd1b3fe977380e870abe55e6dcd32d16c50ef310221008399855ad143d44479f025" +
    "08b4ddfeeb53636d7793e60e8ec0e1510974e8518e",
);
const p521 = hex(
  "308201f630820158a0030201020214339b50cedce2c60fe54a84a0f1079f58c9cca8fa300a06082a8648ce3d040302300c31" +
    "0a300806035504030c01613020170d3236313132323233353131365a180f32313236313032393233353131365a300c310a30" +
    "0806035504030c016130819b301006072a8648ce3d020106052b8104002303818600040177f6e3147cc37bb74c89b9024c32" +
    "2310b03df3068dca18bfa44dcb0e8effd4d43cd9ef19b65d0ff2b7530b59f262a4c6acd35933c7c43d31d3edd26a40da98a0" +
    "360144f2f8babd7458410de2a1bb9df51abf6933162084d9f6c08b75891c2916b5fa702497bc5bb4ebb923f8381f94319ed3" +
    "740e07ba784207b6610d9ec20ac7012c85a3533051301d0603551d0e041604146fec50553728d6dd43e1ae5ec98f4cdbb48b" +
    "2c5a301f0603551d230418301680146fec50553728d6dd43e1ae5ec98f4cdbb48b2c5a300f0603551d130101ff0405300301" +
    "01ff300a06082a8648ce3d04030203818b003081870241577b3793c87edca4169293ae7e14bc6bf2c4fbdfb2356bd95407c9" +
    "1c3abf530ec7caeba5b0f84b9fa08ce46f5b706dccc4fb696682d90e0e39f973fb637cfafc0a024201d1b03192a2931f926b" +
    "b72d70a7ee5b9b2aab0a7172dcf24cc93843159935b8c93cb874ca98003a52e8efc422c3fe7d92d08c9589a20fba135e01dd" +
    "4c730b25ba41",
);

const malformed: unknown = expect.objectContaining({
  code: "ERR_MALFORMED",
  rule: "MLS-5.3-04",
  struct: "Certificate",
});

describe("certificateKey", () => {
  it.each([
    ["ed25519", ed25519, "1.3.101.112", undefined, "b17ab3fa696492c8b9e808f6ca8c7c2256ea882420dba39448cc273312f8d69d"],
    [
      "ed448",
      ed448,
      "1.3.101.113",
      undefined,
      "2c4dd3e8d054afa307854ceb0cf23243cba0c74cf5abe6bc384c34378bc90c350ee50699a91ca8fd5fa90c233919e29e279f4b654d428eaf00",
    ],
    [
      "p256",
      p256,
      "1.2.840.10045.2.1",
      "1.2.840.10045.3.1.7",
      "0446c6c824d6e3068763d27683911490f970e6b6f2c5c31729ebeb72d92f2310ef3a6830c97e6481c8fa573bbd514998de043bcba3699d959165d157e7a879b3fe",
    ],
    [
      "p521",
      p521,
      "1.2.840.10045.2.1",
      "1.3.132.0.35",
      "040177f6e3147cc37bb74c89b9024c322310b03df3068dca18bfa44dcb0e8effd4d43cd9ef19b65d0ff2b7530b59f262a4c6acd35933c7c43d31d3edd26a40da98a0360144f2f8babd7458410de2a1bb9df51abf6933162084d9f6c08b75891c2916b5fa702497bc5bb4ebb923f8381f94319ed3740e07ba784207b6610d9ec20ac7012c85",
    ],
  ])("MLS-5.3-03 finds the key of a certificate for %s", (_name, certificate, algorithm, curve, publicKey) => {
    const found = certificateKey(certificate);
    expect(found.algorithm).toBe(algorithm);
    expect(found.curve).toBe(curve);
    expect(toHex(found.publicKey)).toBe(publicKey);
    expect(found.publicKey.buffer).toBe(certificate.buffer);
  });

  it("refuses every prefix, and anything with bytes after it", () => {
    for (const certificate of [ed25519, p521]) {
      for (let length = 0; length < certificate.length; length++) {
        expect(() => certificateKey(certificate.subarray(0, length))).toThrow(malformed);
      }
      expect(() => certificateKey(Uint8Array.from([...certificate, 0]))).toThrow(malformed);
    }
  });

  it("MLS-5.3-04 refuses lengths in more bytes than DER allows", () => {
    const body = [...ed25519.subarray(4)];
    const [high, low] = [ed25519[2]!, ed25519[3]!];
    expect(() => certificateKey(Uint8Array.from([0x30, 0x82, high, low, ...body]))).not.toThrow();
    const headers = [
      [0x30, 0x83, 0, high, low],
      [0x30, 0x84, 0, 0, high, low],
      [0x30, 0x80],
      [0x31, 0x82, high, low],
      [0x30, 0x82, high, low + 1],
      [0x30, 0x82, high, low - 1],
    ];
    for (const header of headers)
      expect(() => certificateKey(Uint8Array.from([...header, ...body]))).toThrow(malformed);
    expect(() => certificateKey(Uint8Array.of(0x30, 0x81, 1, 0))).toThrow(malformed);
  });

  it("refuses a key that is not of whole bytes, and a wrong tag at each step", () => {
    const keyAt = toHex(ed25519).indexOf("032100") / 2;
    expect(() => certificateKey(ed25519.with(keyAt + 2, 1))).toThrow(malformed);
    expect(() => certificateKey(ed25519.with(keyAt, 4))).toThrow(malformed);
    const algorithmAt = keyAt - 5;
    expect(ed25519[algorithmAt]).toBe(6);
    expect(() => certificateKey(ed25519.with(algorithmAt, 5))).toThrow(malformed);
    expect(() => certificateKey(ed25519.with(algorithmAt + 2, 0x80))).toThrow(malformed);
    expect(() => certificateKey(ed25519.with(algorithmAt + 4, 0xf0))).toThrow(malformed);
    for (const at of [0, 4]) expect(() => certificateKey(ed25519.with(at, 0x04))).toThrow(malformed);
  });

  it("throws nothing but its own error, whatever the bytes", () => {
    const mutation = fc.tuple(
      fc.constantFrom(ed25519, p256),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          mutation,
          fc.uint8Array().map((bytes) => [bytes, []] as [Uint8Array, [number, number][]]),
        ),
        ([bytes, changes]) => {
          const mutated = bytes.slice();
          for (const [at, value] of changes) if (at < mutated.length) mutated[at] = value;
          try {
            expect(certificateKey(mutated).publicKey.length).toBeLessThanOrEqual(mutated.length);
          } catch (error) {
            if (!(error instanceof MlsError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(() => certificateKey(Uint8Array.from(vector([])))).toThrow(malformed);
  });
});
