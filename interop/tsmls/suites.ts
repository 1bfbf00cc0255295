import {
  type CiphersuiteImpl,
  type CiphersuiteName,
  ciphersuites,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
} from "ts-mls";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { varLenDataEncoder } from "ts-mls/codec/variableLength.js";

/** The RFC's suites, by number. */
const names = new Map(
  (Object.entries(ciphersuites) as [CiphersuiteName, number][])
    .filter(([, id]) => id >= 1 && id <= 7)
    .map(([name, id]) => [id, name]),
);
const loaded = new Map<CiphersuiteName, Promise<CiphersuiteImpl>>();

export const supported: readonly number[] = [...names.keys()].sort();

export function suiteName(id: number): CiphersuiteName {
  const name = names.get(id);
  if (name === undefined) throw new Error(`no cipher suite ${id}`);
  return name;
}

/** The suite, loaded once. */
export function suite(name: CiphersuiteName): Promise<CiphersuiteImpl> {
  let implementation = loaded.get(name);
  if (implementation === undefined) {
    implementation = getCiphersuiteImpl(getCiphersuiteFromName(name)).then(readsExternalPub);
    loaded.set(name, implementation);
  }
  return implementation;
}

/**
 * `external_pub` is a vector (RFC 9420 section 12.4.3.2); ts-mls hands the extension's data to the KEM as it
 * stands, so the length in front is taken off here.
 */
async function readsExternalPub(suite: CiphersuiteImpl): Promise<CiphersuiteImpl> {
  const { hpke } = suite;
  const { publicKey } = await hpke.generateKeyPair();
  const { length } = await hpke.exportPublicKey(publicKey);
  const importPublicKey: typeof hpke.importPublicKey = (key) => hpke.importPublicKey(key.slice(-length));
  return { ...suite, hpke: { ...hpke, importPublicKey } };
}

/** The `external_pub` of a GroupInfo, as the RFC has it. */
export async function externalPub(suite: CiphersuiteImpl, externalSecret: Uint8Array): Promise<Uint8Array> {
  const { publicKey } = await suite.hpke.deriveKeyPair(externalSecret);
  return encode(varLenDataEncoder)(await suite.hpke.exportPublicKey(publicKey));
}
