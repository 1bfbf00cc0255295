import { defaultEngine, type Engine } from "./core/engine.ts";
import { type RandomSource, systemRandom } from "./crypto/random.ts";
import { generateSignatureKeyPair, type SignatureKeyPair, signatureKeyPair } from "./crypto/signature.ts";
import { cipherSuite, type CipherSuite, type SuitePlugin } from "./crypto/suite.ts";
import { proposeFromOutside } from "./group/outside.ts";
import { copyCredential, type Credential } from "./message/credential.ts";
import type { Extension, ExternalSender as ExternalSenderEntry } from "./message/extension.ts";
import type { CustomContent, ReInitOptions } from "./options.ts";
import { type PskReference, pskProposal } from "./group/psks.ts";
import { keyPackageOf } from "./group/wanted.ts";
import { PROTOCOL_VERSION_MLS10 } from "./message/constants.ts";
import { defaultContext } from "./codec/context.ts";
import type { Proposal } from "./message/proposals.ts";

/** What an external sender is made of. */
export interface ExternalSenderOptions {
  /** Who it is, to the members. */
  readonly credential: Credential;
  /** The suite of the groups it serves; 1 unless given. */
  readonly cipherSuite?: number;
  /** The signature private key (32 bytes for Ed25519); a fresh one unless given. */
  readonly signaturePrivateKey?: Uint8Array;
  /** Plug-ins for suites whose curves are not in the core. */
  readonly suites?: readonly SuitePlugin[];
  /** Fresh random bytes; `crypto.getRandomValues` unless given. */
  readonly random?: RandomSource;
  /** The core to run on; a shared one unless given. */
  readonly engine?: Engine;
}

/** What external senders may propose (MLS-12.1.8-03). */
export type ExternalProposal =
  | {
      /** A key package, an MLSMessage, whose owner is added. */
      readonly add: Uint8Array;
    }
  | {
      /** The leaf of the member to remove. */
      readonly remove: number;
    }
  | {
      /** A PSK that enters the next epoch's secrets. */
      readonly psk: PskReference;
    }
  | {
      /** The whole new list of GroupContext extensions. */
      readonly extensions: readonly Extension[];
    }
  | {
      /** Ends the group for a successor. */
      readonly reInit: Required<ReInitOptions>;
    }
  | {
      /** A type that the group's members have registered with `external: true`. */
      readonly custom: CustomContent;
    };

/**
 * A party outside of a group that its members let propose changes: a server that removes lost
 * devices, say. The group lists {@link entry} in its `external_senders` extension
 * (RFC 9420 section 12.1.8.1); a member still has to commit what it proposes.
 */
export class ExternalSender {
  readonly #suite: CipherSuite;
  readonly #key: SignatureKeyPair;
  readonly #credential: Credential;
  readonly #random: RandomSource;

  constructor(options: ExternalSenderOptions) {
    const engine = options.engine ?? defaultEngine();
    this.#suite = cipherSuite(engine, options.cipherSuite ?? 1, options.suites);
    this.#credential = copyCredential(options.credential);
    this.#random = options.random ?? systemRandom;
    this.#key =
      options.signaturePrivateKey === undefined
        ? generateSignatureKeyPair(this.#suite, this.#random)
        : signatureKeyPair(this.#suite, options.signaturePrivateKey);
  }

  /** Its entry for `encodeExternalSenders`. */
  get entry(): ExternalSenderEntry {
    return { signatureKey: Uint8Array.from(this.#key.publicKey), credential: copyCredential(this.#credential) };
  }

  /**
   * A proposal for a group in its present epoch, an MLSMessage with a PublicMessage. `senderIndex` is the place of
   * {@link entry} in the group's list. Throws `ERR_KEY_PACKAGE` for an `add` that is no key package; whether the
   * group takes it, its members judge.
   */
  propose(
    group: { readonly groupId: Uint8Array; readonly epoch: bigint },
    senderIndex: number,
    proposal: ExternalProposal,
  ): Uint8Array {
    const sender = { kind: "external", senderIndex } as const;
    return proposeFromOutside(this.#suite, this.#key, group, sender, this.#proposal(proposal, group.groupId));
  }

  /** Wipes the private key. */
  close(): void {
    this.#key.privateKey.wipe();
  }

  #proposal(proposal: ExternalProposal, groupId: Uint8Array): Proposal {
    if ("remove" in proposal) return { kind: "remove", removed: proposal.remove };
    if ("extensions" in proposal) return { kind: "groupContextExtensions", extensions: proposal.extensions };
    if ("psk" in proposal) return pskProposal(proposal.psk, groupId, this.#suite.hashLength, this.#random);
    if ("reInit" in proposal) return { kind: "reInit", version: PROTOCOL_VERSION_MLS10, ...proposal.reInit };
    if ("custom" in proposal) {
      return { kind: "custom", proposalType: proposal.custom.type, data: Uint8Array.from(proposal.custom.data) };
    }
    return { kind: "add", keyPackage: keyPackageOf(proposal.add, 0, defaultContext) };
  }
}
