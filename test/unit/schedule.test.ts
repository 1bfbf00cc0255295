// The rules on an epoch's secrets, PSKs, the exporter, suites and randomness.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { deriveSecret } from "../../bindings/crypto/hash.ts";
import { randomBytes, requestOnce, systemRandom } from "../../bindings/crypto/random.ts";
import { cipherSuite, cipherSuites, isSupported, type SuitePlugin } from "../../bindings/crypto/suite.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { EpochSecrets } from "../../bindings/schedule/epoch.ts";
import { pskSecret } from "../../bindings/schedule/psk.ts";
import { interimTranscriptHash } from "../../bindings/schedule/transcript.ts";
import { utf8 } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";
import { symmetricSuite } from "../support/suites.ts";

const shape = { leafCount: 4, limits: defaultLimits };
const used = expect.objectContaining({ code: "ERR_STATE_USED" });

describe("the secrets of an epoch", () => {
  it("MLS-9.2-02: commit_secret, psk_secret and epoch_secret are gone at once, the joiner's when told, init_secret with the epoch", () => {
    const engine = new Engine();
    const suite = symmetricSuite(engine, 1);
    const make = (seed: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => seed * 61 + i * 7);
    const [init, commit, psk] = [make(1), make(2), make(3)];
    const before = Secret.import(engine, init);
    const epoch = EpochSecrets.commit(
      suite,
      before,
      Secret.import(engine, commit),
      Secret.import(engine, psk),
      utf8("the new GroupContext"),
      shape,
    );
    expect(occurrences(engine, commit)).toBe(0);
    expect(occurrences(engine, psk)).toBe(0);
    expect(occurrences(engine, init)).toBe(1);
    before.wipe();
    expect(occurrences(engine, init)).toBe(0);

    const joiner = epoch.joinerSecret!.export();
    const welcome = epoch.welcomeSecret!.export();
    const next = epoch.initSecret.export();
    const names = ["exporterSecret", "externalSecret", "confirmationKey", "membershipKey", "resumptionPsk"] as const;
    const others = [...names, "epochAuthenticator" as const].map((name) => epoch[name].export());
    expect([joiner, welcome, next, ...others].map((bytes) => occurrences(engine, bytes))).toEqual(Array(9).fill(1));
    epoch.forgetJoining();
    expect([joiner, welcome].map((bytes) => occurrences(engine, bytes))).toEqual([0, 0]);
    expect(() => epoch.joinerSecret!.export()).toThrow(used);
    epoch.retire();
    expect([next, ...others].map((bytes) => occurrences(engine, bytes))).toEqual(Array(7).fill(0));
    expect(() => epoch.confirmationTag(new Uint8Array())).toThrow(used);
    // Messages of the past epoch can still be read.
    expect(epoch.senderDataSecret.wiped).toBe(false);
    expect(epoch.secretTree.wiped).toBe(false);
    epoch.wipe();
    expect(engine.core.handlesInUse()).toBe(0);
  });

  it("MLS-9.2-02: the epoch_secret of a new group is used and forgotten", () => {
    const engine = new Engine();
    const suite = symmetricSuite(engine, 3);
    const seed = Uint8Array.from({ length: 32 }, (_, i) => 255 - 3 * i);
    const epoch = EpochSecrets.create(suite, () => seed.slice(), shape);
    expect(occurrences(engine, seed)).toBe(0);
    using copy = Secret.import(engine, seed);
    expect(deriveSecret(suite, copy, "init").export()).toEqual(epoch.initSecret.export());
    expect(epoch.joinerSecret).toBeUndefined();
    expect(epoch.welcomeSecret).toBeUndefined();
  });

  it("no commit_secret and no psk_secret stand for zeros", () => {
    const engine = new Engine();
    for (const id of [1, 7, 4]) {
      const suite = symmetricSuite(engine, id);
      const zeros = (): Secret => Secret.import(engine, new Uint8Array(suite.hashLength));
      const init = Secret.import(engine, systemRandom(suite.hashLength));
      const context = utf8("context");
      const without = EpochSecrets.commit(suite, init, undefined, undefined, context, shape);
      const withZeros = EpochSecrets.commit(suite, init, zeros(), zeros(), context, shape);
      expect(without.authenticator()).toEqual(withZeros.authenticator());
      const other = EpochSecrets.commit(suite, init, undefined, undefined, utf8("contexT"), shape);
      expect(other.authenticator()).not.toEqual(without.authenticator());
    }
  });

  it("refuses inputs of a wrong length and leaves nothing behind", () => {
    const engine = new Engine();
    const suite = symmetricSuite(engine, 1);
    using short = Secret.import(engine, new Uint8Array(31));
    using right = Secret.import(engine, systemRandom(32));
    const internal = expect.objectContaining({ code: "ERR_INTERNAL" });
    const handles = engine.core.handlesInUse();
    expect(() => EpochSecrets.commit(suite, short, undefined, undefined, utf8(""), shape)).toThrow(internal);
    expect(() => EpochSecrets.commit(suite, right, short.copy(), undefined, utf8(""), shape)).toThrow(internal);
    expect(() => EpochSecrets.commit(suite, right, undefined, short.copy(), utf8(""), shape)).toThrow(internal);
    expect(() => EpochSecrets.join(suite, short.copy(), undefined, utf8(""), shape)).toThrow(internal);
    const bad = { ...shape, leafCount: 3 };
    expect(() => EpochSecrets.commit(suite, right, undefined, undefined, utf8(""), bad)).toThrow(internal);
    expect(engine.core.handlesInUse()).toBe(handles);
  });

  it("MLS-6.1-01: confirms its own transcript alone", () => {
    const engine = new Engine();
    const epoch = EpochSecrets.create(symmetricSuite(engine, 1), systemRandom, shape);
    const hash = systemRandom(32);
    const tag = epoch.confirmationTag(hash);
    epoch.verifyConfirmationTag(hash, tag);
    expect(() => epoch.verifyConfirmationTag(systemRandom(32), tag)).toThrow(
      expect.objectContaining({ code: "ERR_MAC", rule: "MLS-6.1-01" }),
    );
  });

  it("MLS-8.2-03, MLS-8.2-04: epoch 0 has an interim hash over the empty confirmed one", () => {
    const suite = symmetricSuite(new Engine(), 1);
    const tag = new Uint8Array(32).fill(5);
    const interim = interimTranscriptHash(suite, new Uint8Array(), tag);
    expect(interim.length).toBe(32);
    expect(interim).not.toEqual(interimTranscriptHash(suite, new Uint8Array(), new Uint8Array(32).fill(6)));
  });
});

describe("the exporter", () => {
  it("MLS-8.5-04: gives up to 255 * Nh bytes", () => {
    for (const id of [1, 7, 4]) {
      const engine = new Engine();
      const suite = symmetricSuite(engine, id);
      const epoch = EpochSecrets.create(suite, systemRandom, shape);
      const most = 255 * suite.hashLength;
      for (const length of [0, 1, 32, most]) expect(epoch.export("label", utf8("c"), length).length).toBe(length);
      for (const length of [most + 1, 65536, 2 ** 32, -1, 1.5, Number.NaN]) {
        expect(() => epoch.export("label", utf8("c"), length)).toThrow(
          expect.objectContaining({ code: "ERR_USAGE", rule: "MLS-8.5-04" }),
        );
      }
      const exported = epoch.export("label", utf8("c"), 32);
      expect(epoch.export("label", utf8("d"), 32)).not.toEqual(exported);
      expect(epoch.export("other", utf8("c"), 32)).not.toEqual(exported);
      expect(epoch.export("label", utf8("c"), 31)).not.toEqual(exported.subarray(0, 31));
      expect(occurrences(engine, exported)).toBe(0);
    }
  });
});

describe("the psk_secret", () => {
  it("MLS-8.4-03: refuses a nonce of another length, naming the PSK", () => {
    const engine = new Engine();
    const suite = symmetricSuite(engine, 1);
    const psk = Secret.import(engine, systemRandom(32));
    const named = (length: number) => ({
      id: { kind: "external", pskId: utf8("id"), pskNonce: new Uint8Array(length) } as const,
      psk,
    });
    for (const length of [0, 31, 33, 64]) {
      expect(() => pskSecret(suite, [named(32), named(length)])).toThrow(
        expect.objectContaining({ code: "ERR_PSK", rule: "MLS-8.4-03", index: 1 }),
      );
    }
    expect(engine.core.handlesInUse()).toBe(1);
    // MLS-8.4-02: the order matters, and so does the number.
    const [a, b] = [named(32), { ...named(32), psk: Secret.import(engine, systemRandom(5)) }];
    expect(pskSecret(suite, [a, b])!.equals(pskSecret(suite, [b, a])!)).toBe(false);
    expect(pskSecret(suite, [a, b])!.equals(pskSecret(suite, [a, b])!)).toBe(true);
  });

  it("MLS-8.4-08: refuses more PSKs than uint16 counts", () => {
    const engine = new Engine();
    const one = {
      id: { kind: "external", pskId: utf8("id"), pskNonce: new Uint8Array(32) } as const,
      psk: Secret.import(engine, systemRandom(32)),
    };
    expect(() => pskSecret(symmetricSuite(engine, 1), Array(65536).fill(one))).toThrow(
      expect.objectContaining({ code: "ERR_LIMIT", rule: "MLS-8.4-08" }),
    );
  });
});

describe("cipher suites", () => {
  it("MLS-17.1-02, MLS-8-08: are the seven of the registry", () => {
    expect(cipherSuites.map(({ id, kem, kdf, aead, signature }) => [id, kem, kdf, aead, signature])).toEqual([
      [1, 0x20, 1, 1, "ed25519"],
      [2, 0x10, 1, 1, "ecdsa_secp256r1_sha256"],
      [3, 0x20, 1, 3, "ed25519"],
      [4, 0x21, 3, 2, "ed448"],
      [5, 0x12, 3, 2, "ecdsa_secp521r1_sha512"],
      [6, 0x21, 3, 3, "ed448"],
      [7, 0x11, 2, 2, "ecdsa_secp384r1_sha384"],
    ]);
    expect(cipherSuites.map(({ hashLength }) => hashLength)).toEqual([32, 32, 32, 64, 64, 64, 48]);
    expect(cipherSuites.map(({ aeadKeyLength }) => aeadKeyLength)).toEqual([16, 16, 32, 32, 32, 32, 32]);
    const { core } = new Engine();
    for (const suite of cipherSuites) {
      expect(core.hashLength(suite.kdf)).toBe(suite.hashLength);
      expect(core.aeadKeyLength(suite.aead)).toBe(suite.aeadKeyLength);
    }
  });

  it("MLS-17.1-01, MLS-17.1-04: 1 and 3 are in the core, others need a plug-in, unknown ones are refused", () => {
    const engine = new Engine();
    const unsupported = expect.objectContaining({ code: "ERR_UNSUPPORTED" });
    for (const id of [1, 3]) expect(cipherSuite(engine, id)).toMatchObject({ id, plugin: undefined });
    for (const id of [0, 2, 4, 5, 6, 7, 8, 0xf000, 65536]) {
      expect(isSupported(id)).toBe(false);
      expect(() => cipherSuite(engine, id)).toThrow(unsupported);
    }
    const plugin = { cipherSuite: 2 } as SuitePlugin;
    expect(cipherSuite(engine, 2, [plugin]).plugin).toBe(plugin);
    expect(isSupported(2, [plugin])).toBe(true);
    expect(() => cipherSuite(engine, 7, [plugin])).toThrow(unsupported);
    expect(cipherSuite(engine, 1, [{ cipherSuite: 1 } as SuitePlugin]).plugin).toBeUndefined();
  });
});

describe("randomness", () => {
  it("comes fresh, in any length", () => {
    for (const length of [0, 1, 32, 65536, 65537, 200_000]) {
      expect(randomBytes(systemRandom, length).length).toBe(length);
    }
    expect(systemRandom(32)).not.toEqual(systemRandom(32));
    const large = systemRandom(140_000);
    expect(large.subarray(131_072).some((byte) => byte !== 0)).toBe(true);
  });

  it("is refused when the source throws, gives another length, another kind, or zeros", () => {
    const refused = expect.objectContaining({ code: "ERR_RANDOM" });
    const cause = new Error("no entropy");
    const failing = (): never => {
      throw cause;
    };
    expect(() => randomBytes(failing, 4)).toThrow(expect.objectContaining({ code: "ERR_RANDOM", cause }));
    expect(() => randomBytes((length) => new Uint8Array(length - 1).fill(1), 16)).toThrow(refused);
    expect(() => randomBytes((length) => new Uint8Array(length + 1).fill(1), 16)).toThrow(refused);
    expect(() => randomBytes(() => Array(16).fill(1) as unknown as Uint8Array, 16)).toThrow(refused);
    expect(() => randomBytes((length) => new Uint8Array(length), 16)).toThrow(refused);
    expect(randomBytes((length) => new Uint8Array(length), 15)).toEqual(new Uint8Array(15));
  });

  it("is the caller's own, so that wiping it harms no source", () => {
    const source = new Uint8Array(16).fill(7);
    randomBytes(() => source, 16).fill(0);
    expect(source).toEqual(new Uint8Array(16).fill(7));
  });

  it("is asked for once where it is used at once, more where it does not suffice, and wiped", () => {
    const cause = new Error("no entropy");
    const asked: number[] = [];
    const counting = (length: number): Uint8Array => {
      asked.push(length);
      if (length === 3) throw cause;
      return Uint8Array.from({ length }, (_, i) => 10 * asked.length + i);
    };
    const lent: Uint8Array[] = [];
    const isWiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
    const run = (fails: boolean): Uint8Array =>
      requestOnce(counting, 10, (random) => {
        for (const [length, first] of [
          [4, 0],
          [6, 4],
        ] as const) {
          const bytes = random(length);
          expect(lent.every(isWiped)).toBe(true);
          expect(bytes[0]! % 10).toBe(first);
          lent.push(bytes);
        }
        if (fails) randomBytes(random, 3);
        return random(2);
      });
    expect(run(false)[0]).toBe(20);
    expect(asked).toEqual([10, 2]);
    expect(() => run(true)).toThrow(expect.objectContaining({ code: "ERR_RANDOM", cause }));
    expect(lent.map(isWiped)).toEqual([true, true, true, true]);
  });
});
