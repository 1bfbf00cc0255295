// The constant-time test's calls of HPKE and its KEM.
import { AEAD_AES128GCM, KDF_SHA256, KEM_X25519 } from "../../bindings/core/generated/layout.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";
import { seededBytes } from "./aead.ts";
import { expectStatus, type Probe, type Setting } from "./constanttime.ts";

const suite = [KEM_X25519, KDF_SHA256, AEAD_AES128GCM] as const;
const info = seededBytes(4, 50);
const length = 48;

/** A key pair whose private key is secret. */
export function keyPair({ core, secret, take }: Setting): { privateKey: number; publicKey: number } {
  const [privateKey, publicKey] = [take(32), take(32)];
  expectStatus(core.kemDeriveKeyPair(KEM_X25519, privateKey, publicKey, secret(32), 32), STATUS_OK);
  return { privateKey, publicKey };
}

/** Calls that seal `count` secret messages, and where the results go. */
function sealed(setting: Setting, publicKeys: number, count: number) {
  const { core, put, secret, take } = setting;
  const [plaintexts, seed, enc, ciphertexts] = [secret(count * length), secret(32), take(count * 32), take(count * 64)];
  const infoAt = put(info);
  const seal = (): void => {
    const status = core.hpkeSealMany(
      ...suite,
      count,
      publicKeys,
      32,
      infoAt,
      info.length,
      plaintexts,
      length,
      length,
      seed,
      enc,
      32,
      ciphertexts,
      64,
    );
    expectStatus(status, STATUS_OK);
  };
  return { seal, enc, ciphertexts, infoAt };
}

export const hpkeProbes: readonly Probe[] = [
  {
    name: "kemDeriveKeyPair",
    prepare({ core, secret, take }) {
      const [ikm, privateKey, publicKey] = [secret(32), take(32), take(32)];
      return () => expectStatus(core.kemDeriveKeyPair(KEM_X25519, privateKey, publicKey, ikm, 32), STATUS_OK);
    },
  },
  {
    name: "hpkeSealMany",
    prepare(setting) {
      const keys = new Uint8Array(3 * 32);
      for (let i = 0; i < 3; i++) keys[32 * i] = 9;
      return sealed(setting, setting.put(keys), 3).seal;
    },
  },
  {
    name: "hpkeOpen",
    prepare(setting) {
      const { privateKey, publicKey } = keyPair(setting);
      const { seal, enc, ciphertexts, infoAt } = sealed(setting, publicKey, 1);
      seal();
      const dst = setting.take(length);
      return () => {
        const { core } = setting;
        const keys = [privateKey, publicKey, enc, infoAt, info.length] as const;
        expectStatus(core.hpkeOpen(...suite, dst, ...keys, 0, 0, ciphertexts, length + 16), STATUS_OK);
      };
    },
  },
  {
    name: "hpkeExportSend and hpkeExportReceive",
    prepare(setting) {
      const { core, put, secret, take } = setting;
      const { privateKey, publicKey } = keyPair(setting);
      const [dst, enc, seed, infoAt] = [take(32), take(32), secret(32), put(info)];
      return () => {
        const context = [infoAt, info.length, infoAt, info.length] as const;
        expectStatus(core.hpkeExportSend(...suite, dst, 32, enc, publicKey, ...context, seed), STATUS_OK);
        expectStatus(core.hpkeExportReceive(...suite, dst, 32, privateKey, publicKey, enc, ...context), STATUS_OK);
      };
    },
  },
];
