// Making leaves of our own (RFC 9420 section 7.2): for key packages, Updates and commits.

import { generateHpkeKeyPair, type HPKEKeyPair } from "../crypto/hpke.ts";
import type { RandomSource } from "../crypto/random.ts";
import { type SignatureKeyPair, signatureKeyPair, signWithLabel } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import type { Credential } from "../message/credential.ts";
import type { Extension } from "../message/extension.ts";
import {
  type Capabilities,
  decodeLeafNode,
  encodeLeafNode,
  type LeafNode,
  type LeafNodeContent,
  leafNodeTbs,
  type LeafPosition,
} from "../message/leafnode.ts";
import type { DecodeContext } from "../codec/context.ts";

/** What a member may change of its own leaf in a commit or an Update. MLS-7.5-03 */
export interface LeafChanges {
  /** A new credential, which the others' Authentication Services judge as a successor. */
  readonly credential?: Credential;
  /** A new signature key: the private key (EdDSA: the seed; ECDSA: the scalar). */
  readonly signaturePrivateKey?: Uint8Array;
  /** What the member supports from now on: the whole list. */
  readonly capabilities?: Capabilities;
  /** The whole new list of extensions of the leaf. */
  readonly extensions?: readonly Extension[];
}

/** Signs a leaf and decodes it, so that it is judged by the same parser as everyone else's. MLS-7.2-13 */
export function signLeaf(
  suite: CipherSuite,
  keyPair: SignatureKeyPair,
  content: LeafNodeContent,
  position: LeafPosition | undefined,
  context: DecodeContext,
): LeafNode {
  const sign = (unsigned: Uint8Array): Uint8Array => {
    const isWhole = content.source.kind === "keyPackage" && position === undefined;
    return signWithLabel(suite, keyPair, "LeafNodeTBS", isWhole ? unsigned : leafNodeTbs(content, position));
  };
  return decodeLeafNode(encodeLeafNode(content, sign), context);
}

/** Fresh keys for a leaf of ours. */
export interface LeafKeys {
  readonly encryptionKey: HPKEKeyPair;
  /** A new signature key pair, where the changes ask for one. */
  readonly signatureKey: SignatureKeyPair | undefined;
}

/** Makes them. MLS-7.3-12 */
export function makeLeafKeys(suite: CipherSuite, changes: LeafChanges, random: RandomSource): LeafKeys {
  const { signaturePrivateKey } = changes;
  const encryptionKey = generateHpkeKeyPair(suite, random);
  try {
    const signatureKey = signaturePrivateKey === undefined ? undefined : signatureKeyPair(suite, signaturePrivateKey);
    return { encryptionKey, signatureKey };
  } catch (error) {
    encryptionKey.privateKey.wipe();
    throw error;
  }
}

/** Wipes what {@link makeLeafKeys} made. */
export function forgetLeafKeys({ encryptionKey, signatureKey }: LeafKeys): void {
  encryptionKey.privateKey.wipe();
  signatureKey?.privateKey.wipe();
}

/** The content of our next leaf: the present one with fresh keys and the changes asked for. */
export function nextLeafContent(
  present: LeafNode,
  encryptionKey: Uint8Array,
  signatureKey: Uint8Array,
  changes: LeafChanges,
  source: LeafNodeContent["source"],
): LeafNodeContent {
  return {
    encryptionKey,
    signatureKey,
    credential: changes.credential ?? present.credential,
    capabilities: changes.capabilities ?? present.capabilities,
    extensions: changes.extensions ?? present.extensions,
    source,
  };
}
