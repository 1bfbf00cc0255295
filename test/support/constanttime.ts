// What the constant-time test runs: calls of the core with secrets that change from run to run, while the lengths
// and everything else that is public stay the same.
import type { CoreExports } from "../../bindings/core/generated/exports.ts";
import {
  AEAD_AES128GCM,
  AEAD_CHACHA20POLY1305,
  HASH_CONTEXT,
  HMAC_CONTEXT,
  KDF_SHA256,
  KDF_SHA384,
  KDF_SHA512,
  RATCHET_APPLICATION,
  SCHEDULE_WORDS,
} from "../../bindings/core/generated/layout.ts";
import { STATUS_DECRYPT, STATUS_MAC, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { aeads, seededBytes } from "./aead.ts";
import { utf8 } from "./bytes.ts";

/** A fresh core and its memory. All addresses are the same in every run. */
export interface Setting {
  readonly core: CoreExports;
  /** The number of the run. */
  readonly run: number;
  /** Zeroed memory. */
  readonly take: (length: number) => number;
  /** Memory with public bytes. */
  readonly put: (bytes: Uint8Array) => number;
  /** Memory with secret bytes. */
  readonly secret: (length: number) => number;
  /** A present byte of memory becomes another. */
  readonly spoil: (at: number) => void;
}

export interface Probe {
  readonly name: string;
  /** Makes everything ready and returns the call to watch. */
  readonly prepare: (setting: Setting) => () => void;
}

/** A call that fails would be watched in vain. */
export function expectStatus(status: number, expected: number): void {
  if (status !== expected) throw new Error(`status ${status} instead of ${expected}`);
}

const aad = seededBytes(1, 21);
const context = seededBytes(2, 77);
const label = utf8("label");
const messageLength = 300;
const longLength = 3_000;

const hashes = [
  { kdf: KDF_SHA256, hash: "SHA-256", length: 32 },
  { kdf: KDF_SHA384, hash: "SHA-384", length: 48 },
  { kdf: KDF_SHA512, hash: "SHA-512", length: 64 },
];

const aeadProbes = aeads.flatMap(({ name, aead, keyLength }): Probe[] => {
  // Key and nonce come out of the key schedule: both are secret, and so is the message.
  const inputs = ({ put, secret, take }: Setting) => ({
    key: secret(keyLength),
    nonce: secret(12),
    message: secret(messageLength),
    aad: put(aad),
    sealed: take(messageLength + 16),
  });
  const sealed = (setting: Setting) => {
    const all = inputs(setting);
    const { key, nonce, message, sealed } = all;
    setting.core.aeadSeal(aead, sealed, key, nonce, all.aad, aad.length, message, messageLength);
    return all;
  };
  const length = messageLength + 16;
  return [
    {
      name: `aeadSeal, ${name}`,
      prepare(setting) {
        const { key, nonce, message, aad: aadAt, sealed } = inputs(setting);
        return () => setting.core.aeadSeal(aead, sealed, key, nonce, aadAt, aad.length, message, messageLength);
      },
    },
    {
      name: `aeadSeal of a message long enough to be taken many blocks at a time, ${name}`,
      prepare({ core, put, secret, take }) {
        const [key, nonce, message, aadAt] = [secret(keyLength), secret(12), secret(longLength), put(aad)];
        const dst = take(longLength + 16);
        return () => core.aeadSeal(aead, dst, key, nonce, aadAt, aad.length, message, longLength);
      },
    },
    {
      name: `aeadOpen, ${name}`,
      prepare(setting) {
        const { key, nonce, message, aad: aadAt, sealed: from } = sealed(setting);
        return () => {
          const status = setting.core.aeadOpen(aead, message, key, nonce, aadAt, aad.length, from, length);
          expectStatus(status, STATUS_OK);
        };
      },
    },
    {
      name: `aeadOpen of a tag that is wrong in some byte, ${name}`,
      prepare(setting) {
        const { key, nonce, message, aad: aadAt, sealed: from } = sealed(setting);
        setting.spoil(from + messageLength + (setting.run & 15));
        return () => {
          const status = setting.core.aeadOpen(aead, message, key, nonce, aadAt, aad.length, from, length);
          expectStatus(status, STATUS_DECRYPT);
        };
      },
    },
  ];
});

const hashProbes = hashes.flatMap(({ kdf, hash, length }): Probe[] => [
  {
    name: `hash and its parts, ${hash}`,
    prepare({ core, secret, take }) {
      const [message, dst, state] = [secret(messageLength), take(64), take(HASH_CONTEXT)];
      return () => {
        core.hash(kdf, dst, message, messageLength);
        core.hashBegin(kdf, state);
        core.hashUpdate(kdf, state, message, 100);
        core.hashUpdate(kdf, state, message + 100, messageLength - 100);
        core.hashFinish(kdf, state, dst);
      };
    },
  },
  {
    name: `hashMany, ${hash}`,
    prepare({ core, put, secret, take }) {
      const lengths = [32, 200, 64, 55, 128, 300, 0];
      const words = (values: number[]) => put(new Uint8Array(Uint32Array.from(values).buffer));
      const messages = words(lengths.map((n) => secret(n)));
      const [lengthsAt, dst] = [words(lengths), take(64 * lengths.length)];
      return () => core.hashMany(kdf, lengths.length, dst, messages, lengthsAt);
    },
  },
  {
    name: `hmac and its parts with short and long keys, ${hash}`,
    prepare({ core, secret, take }) {
      const [key, message, dst, state] = [secret(200), secret(messageLength), take(64), take(HMAC_CONTEXT)];
      return () => {
        core.hmac(kdf, dst, key, length, message, messageLength);
        core.hmac(kdf, dst, key, 200, message, messageLength);
        core.hmacBegin(kdf, state, key, length);
        core.hmacUpdate(kdf, state, message, messageLength);
        core.hmacFinish(kdf, state, dst);
      };
    },
  },
  {
    name: `hkdfExtract, hkdfExpand, expandWithLabel, deriveSecret, ${hash}`,
    prepare({ core, put, secret, take }) {
      const [salt, ikm, prk, dst] = [secret(length), secret(length), secret(length), take(300)];
      const [labelAt, contextAt] = [put(label), put(context)];
      return () => {
        core.hkdfExtract(kdf, dst, salt, length, ikm, length);
        core.hkdfExpand(kdf, dst, 300, prk, length, contextAt, context.length);
        core.expandWithLabel(kdf, dst, 100, prk, length, labelAt, label.length, contextAt, context.length);
        core.deriveSecret(kdf, dst, prk, labelAt, label.length);
      };
    },
  },
  {
    name: `expandWithLabelMany, ${hash}`,
    prepare({ core, put, secret, take }) {
      const [secrets, dst, labelAt, contextAt] = [secret(7 * length), take(7 * 32), put(label), put(context)];
      return () => {
        const status = core.expandWithLabelMany(
          kdf,
          7,
          dst,
          32,
          32,
          secrets,
          length,
          labelAt,
          label.length,
          contextAt,
          context.length,
        );
        expectStatus(status, STATUS_OK);
      };
    },
  },
]);

const curveProbes: Probe[] = [
  {
    name: "x25519",
    prepare({ core, put, secret, take }) {
      const [dst, scalar, point] = [take(32), secret(32), put(Uint8Array.of(9, ...new Uint8Array(31)))];
      return () => expectStatus(core.x25519(dst, scalar, point), STATUS_OK);
    },
  },
  {
    name: "x25519Base",
    prepare({ core, secret, take }) {
      const [dst, scalar] = [take(32), secret(32)];
      return () => core.x25519Base(dst, scalar);
    },
  },
  {
    name: "x25519Batch",
    prepare({ core, put, secret, take }) {
      const points = new Uint8Array(96);
      for (let i = 0; i < 3; i++) points[32 * i] = 9;
      const [dst, scalars, pointsAt] = [take(96), secret(96), put(points)];
      return () => expectStatus(core.x25519Batch(dst, scalars, 32, pointsAt, 32, 3), 0);
    },
  },
  {
    name: "x25519BaseBatch",
    prepare({ core, secret, take }) {
      // Four side by side and one alone.
      const [dst, scalars] = [take(160), secret(160)];
      return () => core.x25519BaseBatch(dst, scalars, 32, 5);
    },
  },
  {
    name: "ed25519KeyPair",
    prepare({ core, secret, take }) {
      const [dst, seed] = [take(64), secret(32)];
      return () => core.ed25519KeyPair(dst, seed);
    },
  },
  {
    name: "ed25519Sign",
    prepare({ core, put, secret, take }) {
      const [dst, pair, message] = [take(64), take(64), put(context)];
      core.ed25519KeyPair(pair, secret(32));
      return () => core.ed25519Sign(dst, pair, message, context.length);
    },
  },
];

/** A handle of a secret. */
function imported({ core, secret }: Setting, length: number): number {
  return core.secretImport(secret(length), length);
}

const slotProbes: Probe[] = [
  {
    name: "secretImport, secretCopy, secretExport, secretRelease",
    prepare({ core, secret, take }) {
      const [bytes, dst] = [secret(48), take(48)];
      return () => {
        const handle = core.secretImport(bytes, 48);
        const copy = core.secretCopy(handle);
        core.secretExport(copy, dst);
        core.secretRelease(handle);
        core.secretRelease(copy);
      };
    },
  },
  {
    name: "secretEqual of secrets that are equal",
    prepare(setting) {
      const a = imported(setting, 32);
      const b = setting.core.secretCopy(a);
      return () => expectStatus(setting.core.secretEqual(a, b), 1);
    },
  },
  {
    name: "secretEqual of secrets that differ in some byte",
    prepare(setting) {
      const a = imported(setting, 32);
      const b = setting.core.secretCopy(a);
      setting.spoil((setting.core.secretAt(b) >>> 0) + (setting.run & 31));
      return () => expectStatus(setting.core.secretEqual(a, b), 0);
    },
  },
];

const scheduleProbes = hashes.flatMap(({ kdf, hash, length }): Probe[] => [
  {
    name: `secretExtract, secretExpandWithLabel, secretDerive, ${hash}`,
    prepare(setting) {
      const [salt, ikm] = [imported(setting, length), imported(setting, length)];
      const { core } = setting;
      const [labelAt, contextAt] = [setting.put(label), setting.put(context)];
      return () => {
        const secret = core.secretExtract(kdf, salt, ikm);
        core.secretExpandWithLabel(kdf, secret, labelAt, label.length, contextAt, context.length, 32);
        core.secretDerive(kdf, secret, labelAt, label.length);
      };
    },
  },
  {
    name: `secretMac and secretVerifyMac, ${hash}`,
    prepare(setting) {
      const { core } = setting;
      const [key, message, tag] = [imported(setting, length), setting.secret(messageLength), setting.take(length)];
      const wrong = setting.take(length);
      core.secretMac(kdf, wrong, key, message, messageLength);
      setting.spoil(wrong + (setting.run % length));
      return () => {
        core.secretMac(kdf, tag, key, message, messageLength);
        expectStatus(core.secretVerifyMac(kdf, key, message, messageLength, tag, length), STATUS_OK);
        expectStatus(core.secretVerifyMac(kdf, key, message, messageLength, wrong, length), STATUS_MAC);
      };
    },
  },
  {
    name: `the key schedule of an epoch, ${hash}`,
    prepare(setting) {
      const { core, put, take } = setting;
      const [init, commit, psk] = [imported(setting, length), imported(setting, length), imported(setting, length)];
      const [contextAt, out] = [put(context), take(4 * SCHEDULE_WORDS)];
      return () => {
        const chained = core.schedulePsk(kdf, 0, psk, contextAt, context.length);
        expectStatus(core.scheduleCommit(kdf, init, commit, chained, contextAt, context.length, out), STATUS_OK);
        core.scheduleWelcome(kdf, init, psk);
        expectStatus(core.scheduleJoin(kdf, init, psk, contextAt, context.length, out), STATUS_OK);
        expectStatus(core.scheduleCreate(kdf, init, out), STATUS_OK);
      };
    },
  },
]);

const sealingProbes: Probe[] = [
  {
    name: "secretSeal and secretOpen",
    prepare(setting) {
      const { core, put, secret, take } = setting;
      const [key, message, sealed] = [imported(setting, 32), secret(messageLength), take(messageLength + 16)];
      const [contextAt, aadAt] = [put(context), put(aad)];
      return () => {
        const places = [sealed, key, contextAt, context.length, aadAt, aad.length] as const;
        expectStatus(core.secretSeal(KDF_SHA256, AEAD_AES128GCM, ...places, message, messageLength), STATUS_OK);
        const [, ...rest] = places;
        expectStatus(
          core.secretOpen(KDF_SHA256, AEAD_AES128GCM, message, ...rest, sealed, messageLength + 16),
          STATUS_OK,
        );
      };
    },
  },
  {
    name: "secretTreeCreate, secretTreeSeal, secretTreeOpen, secretTreeConsume",
    prepare(setting) {
      const { core, put, secret, take } = setting;
      const ours = imported(setting, 32);
      const copy = core.secretCopy(ours);
      const [message, sealed, generation] = [secret(messageLength), take(messageLength + 16), take(4)];
      const [guard, aadAt] = [put(Uint8Array.of(1, 2, 3, 4)), put(aad)];
      const create = (handle: number) => core.secretTreeCreate(KDF_SHA256, AEAD_CHACHA20POLY1305, handle, 8, 4, 20);
      return () => {
        const sender = create(ours);
        const receiver = create(copy);
        for (let i = 0; i < 3; i++) {
          const status = core.secretTreeSeal(
            sender,
            5,
            RATCHET_APPLICATION,
            generation,
            guard,
            sealed,
            aadAt,
            aad.length,
            message,
            messageLength,
          );
          expectStatus(status, STATUS_OK);
        }
        const status = core.secretTreeOpen(
          receiver,
          5,
          RATCHET_APPLICATION,
          2,
          guard,
          sealed,
          aadAt,
          aad.length,
          sealed,
          messageLength + 16,
        );
        expectStatus(status, STATUS_OK);
        expectStatus(core.secretTreeConsume(receiver, 5, RATCHET_APPLICATION, 2), STATUS_OK);
      };
    },
  },
  {
    name: "writerSecret, writerSeal, readerOpen, readerSecret",
    prepare(setting) {
      const { core, put, take } = setting;
      const [storageKey, kept] = [imported(setting, 32), imported(setting, 48)];
      const [random, info, aadAt, record] = [put(seededBytes(3, 32)), put(context), put(aad), take(1000)];
      return () => {
        const writer = core.writerCreate();
        expectStatus(core.writerSecret(writer, kept), STATUS_OK);
        const length = core.writerLength(writer);
        const bound = [info, context.length, aadAt, aad.length] as const;
        expectStatus(core.writerSeal(writer, storageKey, random, ...bound, record), STATUS_OK);
        core.writerRelease(writer);
        const reader = core.readerOpen(storageKey, ...bound, record, length);
        if (reader < 0 || core.readerSecret(reader) < 0) throw new Error(`status ${reader}`);
        core.readerRelease(reader);
      };
    },
  },
];

export const probes: readonly Probe[] = [
  ...aeadProbes,
  ...hashProbes,
  ...curveProbes,
  ...slotProbes,
  ...scheduleProbes,
  ...sealingProbes,
];
