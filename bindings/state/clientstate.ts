// A client as bytes: its signature key, and the private keys of key packages that are still out.

import { Reader } from "../codec/reader.ts";
import type { DecodeContext } from "../codec/context.ts";
import { wiping } from "../core/owned.ts";
import type { Secret } from "../core/secret.ts";
import type { Engine } from "../core/engine.ts";
import type { RandomSource } from "../crypto/random.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import { StateError } from "../errors.ts";
import { forgetKeyPackage, type HeldKeyPackage } from "../group/join.ts";
import { type Credential, readCredential, writeCredential } from "../message/credential.ts";
import { type Extension, readExtensions, writeExtensions } from "../message/extension.ts";
import { decodeKeyPackage, encodeKeyPackage } from "../message/keypackage.ts";
import { asRecordError, openContainer, sealContainer } from "./container.ts";
import { putBytes, readKeyPair, takeBytes, writeKeyPair } from "./epochstate.ts";
import { RecordWriter } from "./vault.ts";

/** What a client keeps. */
export interface ClientState {
  readonly cipherSuite: number;
  readonly credential: Credential;
  readonly supports: {
    readonly extensions: readonly number[];
    readonly proposals: readonly number[];
    readonly credentials: readonly number[];
  };
  readonly leafExtensions: readonly Extension[];
  readonly keyPackageLifetime: bigint;
  readonly grease: boolean;
  readonly signatureKey: SignatureKeyPair;
  readonly keyPackages: readonly HeldKeyPackage[];
  readonly psks: readonly { readonly pskId: Uint8Array; readonly psk: Secret }[];
}

/** What was kept, and under which number. */
export interface StoredClient extends ClientState {
  readonly sequence: bigint;
}

/** Wipes what {@link openClient} has returned: no client can be made of it. MLS-9.2-07 */
export function forgetClientState({ signatureKey, keyPackages, psks }: ClientState): void {
  signatureKey.privateKey.wipe();
  for (const held of keyPackages) forgetKeyPackage(held);
  for (const { psk } of psks) psk.wipe();
}

/** Seals a client's state; `sequence` grows with every state that is sealed. */
export function sealClient(
  state: ClientState,
  engine: Engine,
  sequence: bigint,
  storageKey: Secret | undefined,
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  return wiping(new RecordWriter(engine), (writer) => {
    writeClient(writer, state);
    const owner = state.signatureKey.publicKey;
    return sealContainer({ kind: "client", owner, sequence }, [], writer, storageKey, random);
  });
}

function writeClient(writer: RecordWriter, state: ClientState): void {
  putBytes(writer, (to) => {
    to.uint16(state.cipherSuite);
    to.uint16List(state.supports.credentials);
    to.uint16List(state.supports.extensions);
    to.uint16List(state.supports.proposals);
  });
  putBytes(writer, (to) => {
    writeCredential(to, state.credential);
    writeExtensions(to, state.leafExtensions);
    to.uint64(state.keyPackageLifetime);
    to.uint8(state.grease ? 1 : 0);
    to.uint32(state.keyPackages.length);
    to.uint32(state.psks.length);
  });
  writeKeyPair(writer, state.signatureKey);
  for (const { keyPackage, reference, initKey, encryptionKey } of state.keyPackages) {
    putBytes(writer, (to) => {
      to.opaque(reference);
      to.opaque(keyPackage.encoded ?? encodeKeyPackage(keyPackage));
    });
    writer.secret(initKey).secret(encryptionKey);
  }
  for (const { pskId, psk } of state.psks) writer.bytes(pskId).secret(psk);
}

/** Opens what {@link sealClient} made; throws `ERR_STATE_RECORD`, and `ERR_USAGE` without a storage key. */
export function openClient(bytes: Uint8Array, storageKey: Secret | undefined, context: DecodeContext): StoredClient {
  const { sealed: from, sequence } = openContainer(bytes, storageKey, "client");
  try {
    const { cipherSuite, supports } = takeBytes(from, (reader) => ({
      cipherSuite: reader.uint16(),
      supports: {
        credentials: reader.uint16List(),
        extensions: reader.uint16List(),
        proposals: reader.uint16List(),
      },
    }));
    const decode = { ...context, customCredentialTypes: new Set(supports.credentials) };
    const reader = new Reader(from.bytes(), decode);
    const plain = {
      credential: readCredential(reader),
      leafExtensions: readExtensions(reader, "leafNode"),
      keyPackageLifetime: reader.uint64(),
      grease: reader.uint8() === 1,
    };
    const counts = { keyPackages: reader.uint32(), psks: reader.uint32() };
    reader.finish();
    const signatureKey = readKeyPair(from);
    if (signatureKey === undefined) throw new StateError("ERR_STATE_RECORD", "a client without a signature key");
    const keyPackages = Array.from({ length: counts.keyPackages }, (): HeldKeyPackage => {
      const { reference, encoded } = takeBytes(from, (each) => ({ reference: each.opaque(), encoded: each.opaque() }));
      const keyPackage = decodeKeyPackage(encoded, decode);
      return { keyPackage, reference, initKey: from.secret(), encryptionKey: from.secret() };
    });
    const psks = Array.from({ length: counts.psks }, () => ({ pskId: from.bytes(), psk: from.secret() }));
    from.finish();
    return { cipherSuite, supports, ...plain, signatureKey, keyPackages, psks, sequence };
  } catch (error) {
    from.abandon();
    throw asRecordError(error);
  }
}
