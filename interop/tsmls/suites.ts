import { p256, p384, p521 } from "@noble/curves/nist.js";
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
    implementation = getCiphersuiteImpl(getCiphersuiteFromName(name)).then(asTheRfcHasIt);
    loaded.set(name, implementation);
  }
  return implementation;
}

/**
 * Two of its encodings are not the RFC's, and can be put right from outside. `external_pub` is a vector
 * (MLS-12.4.3.2-01); ts-mls hands the extension's data to the KEM as it stands, so the length in front is
 * taken off here. And the signature keys of the NIST curves are uncompressed points (MLS-5.1.1-01).
 */
async function asTheRfcHasIt(suite: CiphersuiteImpl): Promise<CiphersuiteImpl> {
  const { hpke, signature, name } = suite;
  const { publicKey } = await hpke.generateKeyPair();
  const { length } = await hpke.exportPublicKey(publicKey);
  const importPublicKey: typeof hpke.importPublicKey = (key) => hpke.importPublicKey(key.slice(-length));
  const curve = curves.find(({ scheme }) => name.endsWith(scheme))?.curve;
  const keygen: typeof signature.keygen = async () => {
    const pair = await signature.keygen();
    return curve === undefined ? pair : { ...pair, publicKey: curve.getPublicKey(pair.signKey, false) };
  };
  return { ...suite, hpke: { ...hpke, importPublicKey }, signature: { ...signature, keygen } };
}

const curves = [
  { scheme: "_P256", curve: p256 },
  { scheme: "_P384", curve: p384 },
  { scheme: "_P521", curve: p521 },
] as const;

/** The `external_pub` of a GroupInfo, as the RFC has it. */
export async function externalPub(suite: CiphersuiteImpl, externalSecret: Uint8Array): Promise<Uint8Array> {
  const { publicKey } = await suite.hpke.deriveKeyPair(externalSecret);
  return encode(varLenDataEncoder)(await suite.hpke.exportPublicKey(publicKey));
}
