// What a client says of itself in every leaf that it makes, and its key packages (RFC 9420 sections 7.2
// and 10).

import { generateHpkeKeyPairs, type HPKEKeyPair } from "../crypto/hpke.ts";
import { keyPackageRef } from "../crypto/labels.ts";
import { randomBytes, type RandomSource, requestOnce } from "../crypto/random.ts";
import { signWithLabel, type SignatureKeyPair } from "../crypto/signature.ts";
import { type CipherSuite, cipherSuites } from "../crypto/suite.ts";
import { CredentialType, LAST_RESORT_EXTENSION, PROTOCOL_VERSION_MLS10 } from "../message/constants.ts";
import { copyCredential, type Credential, credentialTypeOf } from "../message/credential.ts";
import { copyExtensions, type Extension } from "../message/extension.ts";
import { pickGrease } from "../message/grease.ts";
import { type KeyPackageContent, signKeyPackage } from "../message/keypackage.ts";
import type { Capabilities, LeafNode, LeafNodeContent, Lifetime } from "../message/leafnode.ts";
import type { ClientOptions } from "../options.ts";
import type { Environment } from "./environment.ts";
import type { HeldKeyPackage } from "./join.ts";
import { signLeaf } from "./leaf.ts";

const HOUR = 3600n;
const DAY = 86_400;

/** Key packages whose keys are made together. */
const BATCH = 128;

/** GREASE values of a leaf: one that is an extension's type, and one for each of three lists of its capabilities. */
const LEAF_GREASE = 4;
/** Bytes to pick them with, more than four of which are hardly ever wanted. */
const LEAF_GREASE_BYTES = 8;

/** What the leaves of a client have in common. */
export interface LeafTemplateParts {
  readonly suite: CipherSuite;
  readonly signatureKey: SignatureKeyPair;
  readonly credential: Credential;
  /** Types beyond those of RFC 9420 that the application supports. */
  readonly supports: Partial<Pick<Capabilities, "extensions" | "proposals" | "credentials">>;
  readonly extensions: readonly Extension[];
  /** Seconds that a key package is valid for. */
  readonly keyPackageLifetime: bigint;
  readonly sendsGrease: boolean;
}

/** Makes the leaves and key packages of one client. */
export class LeafTemplate {
  readonly parts: LeafTemplateParts;
  readonly #environment: Pick<Environment, "random" | "now" | "decode">;

  constructor(parts: LeafTemplateParts, environment: Pick<Environment, "random" | "now" | "decode">) {
    this.parts = parts;
    this.#environment = environment;
  }

  /** One GREASE extension, or none when GREASE is switched off. MLS-13.5-01, MLS-13.5-03 */
  grease(): Extension[] {
    return greaseExtension(this.leafGrease());
  }

  /** The GREASE values of one leaf, that of its extension first; none when GREASE is switched off. */
  leafGrease(random: RandomSource = this.#environment.random): readonly number[] {
    return this.parts.sendsGrease ? pickGrease(LEAF_GREASE, (length) => randomBytes(random, length)) : [];
  }

  /** All of a leaf but its keys and where it comes from. */
  description(
    grease: readonly number[],
    alsoLists: readonly number[] = [],
  ): Pick<LeafNodeContent, "credential" | "capabilities" | "extensions"> {
    const { credential, extensions } = this.parts;
    return {
      credential,
      capabilities: this.#capabilities(grease, alsoLists),
      extensions: [...extensions, ...greaseExtension(grease)],
    };
  }

  /** A leaf for a key package or a new group. MLS-11-09 */
  leafNode(encryptionKey: Uint8Array, grease: readonly number[], alsoLists: readonly number[] = []): LeafNode {
    const { suite, signatureKey, keyPackageLifetime } = this.parts;
    const now = this.#environment.now();
    const lifetime: Lifetime = { notBefore: now > HOUR ? now - HOUR : 0n, notAfter: now + keyPackageLifetime };
    const content: LeafNodeContent = {
      encryptionKey,
      signatureKey: signatureKey.publicKey,
      source: { kind: "keyPackage", lifetime },
      ...this.description(grease, alsoLists),
    };
    return signLeaf(suite, signatureKey, content, undefined, this.#environment.decode);
  }

  /** A fresh key package with its private keys. */
  keyPackage(lastResort: boolean): HeldKeyPackage {
    return this.keyPackages(1, lastResort)[0]!;
  }

  /**
   * Fresh key packages with their private keys, all or none; one of last resort can be used again. MLS-10-03,
   * MLS-10.1-04
   */
  keyPackages(count: number, lastResort: boolean): HeldKeyPackage[] {
    const { suite, sendsGrease } = this.parts;
    const each = 2 * suite.hashLength + (sendsGrease ? LEAF_GREASE_BYTES : 0);
    const pairs: HPKEKeyPair[] = [];
    const made: HeldKeyPackage[] = [];
    try {
      while (made.length < count) {
        const many = Math.min(BATCH, count - made.length);
        requestOnce(this.#environment.random, many * each, (random) => {
          pairs.push(...generateHpkeKeyPairs(suite, 2 * many, random));
          for (let i = pairs.length - 2 * many; i < pairs.length; i += 2) {
            made.push(this.#keyPackage(pairs[i]!, pairs[i + 1]!, lastResort, random));
          }
        });
      }
      return made;
    } catch (error) {
      for (const { privateKey } of pairs) privateKey.wipe();
      throw error;
    }
  }

  #keyPackage(init: HPKEKeyPair, encryption: HPKEKeyPair, lastResort: boolean, random: RandomSource): HeldKeyPackage {
    const { suite, signatureKey } = this.parts;
    const grease = this.leafGrease(random);
    const marks = lastResort ? [emptyExtension(LAST_RESORT_EXTENSION)] : [];
    const content: KeyPackageContent = {
      version: PROTOCOL_VERSION_MLS10,
      cipherSuite: suite.id,
      initKey: init.publicKey,
      leafNode: this.leafNode(encryption.publicKey, grease, lastResort ? [LAST_RESORT_EXTENSION] : []),
      // MLS-10-08: a type in use is listed among the leaf's capabilities
      extensions: [...marks, ...greaseExtension(grease)],
    };
    const sign = (tbs: Uint8Array): Uint8Array => signWithLabel(suite, signatureKey, "KeyPackageTBS", tbs);
    const keyPackage = signKeyPackage(content, sign);
    return {
      keyPackage,
      reference: keyPackageRef(suite, keyPackage.encoded),
      initKey: init.privateKey,
      encryptionKey: encryption.privateKey,
    };
  }

  // MLS-7.2-03..05, MLS-7.2-09, MLS-13.5-02
  #capabilities(grease: readonly number[], alsoLists: readonly number[]): Capabilities {
    const { suite, supports, credential } = this.parts;
    const suites = cipherSuites.filter(({ signature, kem }) => signature === suite.signature && kem === suite.kem);
    const own = credentialTypeOf(credential);
    const credentials = new Set([CredentialType.basic, CredentialType.x509, ...(supports.credentials ?? []), own]);
    return {
      versions: [PROTOCOL_VERSION_MLS10],
      cipherSuites: [...suites.map(({ id }) => id), ...grease.slice(1, 2)],
      extensions: [...new Set([...(supports.extensions ?? []), ...alsoLists]), ...grease.slice(0, 1)],
      proposals: [...(supports.proposals ?? []), ...grease.slice(2, 3)],
      credentials: [...credentials, ...grease.slice(3)],
    };
  }
}

function emptyExtension(extensionType: number): Extension {
  return { extensionType, extensionData: new Uint8Array(0) };
}

/** The extension of these GREASE values, if there are any. */
function greaseExtension(grease: readonly number[]): Extension[] {
  return grease.slice(0, 1).map(emptyExtension);
}

/** The template that a client's options ask for. */
export function leafTemplate(
  options: ClientOptions,
  suite: CipherSuite,
  signatureKey: SignatureKeyPair,
  environment: Environment,
): LeafTemplate {
  const { supports } = options;
  const proposals = new Set([...(supports?.proposals ?? []), ...environment.customProposals.keys()]);
  const parts = {
    suite,
    signatureKey,
    credential: copyCredential(options.credential),
    supports: { ...supports, proposals: [...proposals] },
    extensions: copyExtensions(options.leafExtensions ?? []),
    keyPackageLifetime: BigInt(options.keyPackageLifetime ?? 90 * DAY),
    sendsGrease: options.grease ?? true,
  };
  return new LeafTemplate(parts, environment);
}
