// The secrets of one epoch (RFC 9420, section 8) and their deletion (section 9.2).
import { ok } from "../core/failure.ts";
import {
  SCHEDULE_AUTHENTICATOR,
  SCHEDULE_CONFIRMATION,
  SCHEDULE_ENCRYPTION,
  SCHEDULE_EXPORTER,
  SCHEDULE_EXTERNAL,
  SCHEDULE_INIT,
  SCHEDULE_JOINER,
  SCHEDULE_MEMBERSHIP,
  SCHEDULE_RESUMPTION,
  SCHEDULE_SENDER_DATA,
  SCHEDULE_WELCOME,
  SCHEDULE_WORDS,
} from "../core/generated/layout.ts";
import { wiping } from "../core/owned.ts";
import { Secret } from "../core/secret.ts";
import { mac, type SymmetricSuite, verifyMac } from "../crypto/hash.ts";
import { deriveHpkeKeyPair, type HPKEKeyPair } from "../crypto/hpke.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import type { Limits } from "../limits.ts";
import { mlsExporter } from "./exporter.ts";
import { SecretTree } from "./ratchet.ts";

/** What the secret tree of an epoch is made for: the number of leaves (a power of two), and how far ratchets go. */
export interface TreeShape {
  readonly leafCount: number;
  readonly limits: Pick<Limits, "skippedKeys" | "forwardGenerations">;
}

/** The secrets of an epoch that a record keeps: all but those that only joiners need. */
export type RestoredSecrets = Pick<
  EpochSecrets,
  | "senderDataSecret"
  | "exporterSecret"
  | "externalSecret"
  | "confirmationKey"
  | "membershipKey"
  | "resumptionPsk"
  | "epochAuthenticator"
  | "initSecret"
  | "secretTree"
>;

const handlesLength = 4 * SCHEDULE_WORDS;

/**
 * The secrets of one epoch. The epoch_secret is never among them: the core derives from it and
 * forgets it in one step. The encryption_secret belongs to the secret tree from the start, which
 * deletes it when the first leaf is used (MLS-9.2-02).
 */
export class EpochSecrets {
  readonly suite: SymmetricSuite;
  /** For the GroupSecrets of a Welcome; until {@link forgetJoining}. */
  readonly joinerSecret: Secret | undefined;
  /** Encrypts the GroupInfo of a Welcome; until {@link forgetJoining}. */
  readonly welcomeSecret: Secret | undefined;
  readonly senderDataSecret: Secret;
  readonly exporterSecret: Secret;
  readonly externalSecret: Secret;
  readonly confirmationKey: Secret;
  readonly membershipKey: Secret;
  readonly resumptionPsk: Secret;
  readonly epochAuthenticator: Secret;
  /** init_secret[n]; until {@link retire}. */
  readonly initSecret: Secret;
  readonly secretTree: SecretTree;

  private constructor(suite: SymmetricSuite, secrets: readonly (Secret | undefined)[], secretTree: SecretTree) {
    const need = (word: number): Secret => secrets[word] as Secret;
    this.suite = suite;
    this.joinerSecret = secrets[SCHEDULE_JOINER];
    this.welcomeSecret = secrets[SCHEDULE_WELCOME];
    this.senderDataSecret = need(SCHEDULE_SENDER_DATA);
    this.exporterSecret = need(SCHEDULE_EXPORTER);
    this.externalSecret = need(SCHEDULE_EXTERNAL);
    this.confirmationKey = need(SCHEDULE_CONFIRMATION);
    this.membershipKey = need(SCHEDULE_MEMBERSHIP);
    this.resumptionPsk = need(SCHEDULE_RESUMPTION);
    this.epochAuthenticator = need(SCHEDULE_AUTHENTICATOR);
    this.initSecret = need(SCHEDULE_INIT);
    this.secretTree = secretTree;
  }

  /** Puts an epoch together again from what a record held. */
  static restore(suite: SymmetricSuite, secrets: RestoredSecrets): EpochSecrets {
    const words: Secret[] = [];
    words[SCHEDULE_SENDER_DATA] = secrets.senderDataSecret;
    words[SCHEDULE_EXPORTER] = secrets.exporterSecret;
    words[SCHEDULE_EXTERNAL] = secrets.externalSecret;
    words[SCHEDULE_CONFIRMATION] = secrets.confirmationKey;
    words[SCHEDULE_MEMBERSHIP] = secrets.membershipKey;
    words[SCHEDULE_RESUMPTION] = secrets.resumptionPsk;
    words[SCHEDULE_AUTHENTICATOR] = secrets.epochAuthenticator;
    words[SCHEDULE_INIT] = secrets.initSecret;
    return new EpochSecrets(suite, words, secrets.secretTree);
  }

  /** The last epoch of a group that a ReInit has ended: what {@link end} leaves. */
  static ended(
    suite: SymmetricSuite,
    resumptionPsk: Secret,
    epochAuthenticator: Secret,
    random: RandomSource,
    limits: TreeShape["limits"],
  ): EpochSecrets {
    const placeholder = EpochSecrets.create(suite, random, { leafCount: 1, limits });
    placeholder.resumptionPsk.wipe();
    placeholder.epochAuthenticator.wipe();
    const { senderDataSecret, exporterSecret, externalSecret, confirmationKey } = placeholder;
    const { membershipKey, initSecret, secretTree } = placeholder;
    placeholder.forgetJoining();
    const secrets = EpochSecrets.restore(suite, {
      senderDataSecret,
      exporterSecret,
      externalSecret,
      confirmationKey,
      membershipKey,
      initSecret,
      secretTree,
      resumptionPsk,
      epochAuthenticator,
    });
    secrets.end();
    return secrets;
  }

  /**
   * The epoch after a commit. `groupContext` is the new epoch's, encoded (MLS-8-09). The
   * commit_secret (`undefined`: no path) and the psk_secret (`undefined`: no PSK) are wiped;
   * `initSecret`, the old epoch's, stays until that epoch retires, for the commit may be discarded.
   */
  static commit(
    suite: SymmetricSuite,
    initSecret: Secret,
    commitSecret: Secret | undefined,
    pskSecret: Secret | undefined,
    groupContext: Uint8Array,
    shape: TreeShape,
  ): EpochSecrets {
    const { engine, kdf } = suite;
    const init = initSecret.handle;
    try {
      return EpochSecrets.#derive(suite, shape, (out) =>
        engine.frame((core, frame) => {
          const context = frame.put(groupContext);
          const [commit, psk] = [commitSecret?.handle ?? 0, pskSecret?.handle ?? 0];
          return core.scheduleCommit(kdf, init, commit, psk, context, groupContext.length, out);
        }),
      );
    } finally {
      commitSecret?.wipe();
      pskSecret?.wipe();
    }
  }

  /** The epoch that a Welcome leads to. Wipes the psk_secret and the joiner_secret. */
  static join(
    suite: SymmetricSuite,
    joinerSecret: Secret,
    pskSecret: Secret | undefined,
    groupContext: Uint8Array,
    shape: TreeShape,
  ): EpochSecrets {
    const { engine, kdf } = suite;
    const joiner = joinerSecret.handle;
    try {
      return EpochSecrets.#derive(suite, shape, (out) =>
        engine.frame((core, frame) => {
          const context = frame.put(groupContext);
          return core.scheduleJoin(kdf, joiner, pskSecret?.handle ?? 0, context, groupContext.length, out);
        }),
      );
    } finally {
      joinerSecret.wipe();
      pskSecret?.wipe();
    }
  }

  /** Epoch 0 of a new group: the epoch_secret is random (section 11). */
  static create(suite: SymmetricSuite, random: RandomSource, shape: TreeShape): EpochSecrets {
    const bytes = randomBytes(random, suite.hashLength);
    const first = Secret.import(suite.engine, bytes);
    bytes.fill(0);
    return wiping(first, (epochSecret) =>
      EpochSecrets.#derive(suite, shape, (out) => suite.engine.core.scheduleCreate(suite.kdf, epochSecret.handle, out)),
    );
  }

  static #derive(suite: SymmetricSuite, shape: TreeShape, derive: (out: number) => number): EpochSecrets {
    const { engine, kdf, aead } = suite;
    return engine.frame((_core, frame) => {
      const out = frame.take(handlesLength);
      ok(derive(out));
      const secrets = Array.from({ length: SCHEDULE_WORDS }, (_, word) => {
        const handle = engine.word(out + 4 * word);
        return handle === 0 ? undefined : Secret.adopt(engine, handle);
      });
      try {
        const encryptionSecret = secrets[SCHEDULE_ENCRYPTION] as Secret;
        const tree = SecretTree.create(kdf, aead, encryptionSecret, shape.leafCount, shape.limits);
        return new EpochSecrets(suite, secrets, tree);
      } catch (error) {
        for (const secret of secrets) secret?.wipe();
        throw error;
      }
    });
  }

  /** confirmation_tag over the epoch's confirmed_transcript_hash (MLS-6.1-01). */
  confirmationTag(confirmedTranscriptHash: Uint8Array): Uint8Array<ArrayBuffer> {
    return mac(this.suite, this.confirmationKey, confirmedTranscriptHash);
  }

  /** Throws `ERR_MAC` unless the tag confirms this epoch. */
  verifyConfirmationTag(confirmedTranscriptHash: Uint8Array, tag: Uint8Array): void {
    verifyMac(this.suite, this.confirmationKey, confirmedTranscriptHash, tag, { rule: "MLS-6.1-01" });
  }

  /** MLS-Exporter. */
  export(label: string, context: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    return wiping(mlsExporter(this.suite, this.exporterSecret, label, context, length), (exported) =>
      exported.export(),
    );
  }

  /** The external key pair (MLS-8-07); its private key is the caller's to wipe. */
  externalKeyPair(suite: CipherSuite): HPKEKeyPair {
    return deriveHpkeKeyPair(suite, this.externalSecret);
  }

  /** The epoch's authenticator, equal for all members (MLS-8.7-01). */
  authenticator(): Uint8Array<ArrayBuffer> {
    return this.epochAuthenticator.export();
  }

  /** Once the Welcome is made, or nobody is to join: deletes what only joiners need (MLS-9.2-02). */
  forgetJoining(): void {
    this.joinerSecret?.wipe();
    this.welcomeSecret?.wipe();
  }

  /**
   * Once the next epoch is entered: keeps what reads messages still on their way (sender data and
   * secret tree), deletes all else, init_secret[n] above all. Whoever may need the resumption PSK
   * later copies it before.
   */
  retire(): void {
    this.forgetJoining();
    this.initSecret.wipe();
    this.exporterSecret.wipe();
    this.externalSecret.wipe();
    this.confirmationKey.wipe();
    this.membershipKey.wipe();
    this.resumptionPsk.wipe();
    this.epochAuthenticator.wipe();
  }

  /**
   * Once a ReInit has ended the group: keeps the resumption PSK, for the successor, and the epoch
   * authenticator; deletes all that could encrypt (MLS-11.2-06).
   */
  end(): void {
    this.forgetJoining();
    for (const secret of [this.initSecret, this.exporterSecret, this.externalSecret]) secret.wipe();
    for (const secret of [this.confirmationKey, this.membershipKey, this.senderDataSecret]) secret.wipe();
    this.secretTree.wipe();
  }

  /** Deletes everything. */
  wipe(): void {
    this.retire();
    this.senderDataSecret.wipe();
    this.secretTree.wipe();
  }
}

/** welcome_secret of a Welcome, before the GroupInfo it opens says more; joiner_secret and psk_secret stay. */
export function welcomeSecretOf(
  { engine, kdf }: SymmetricSuite,
  joinerSecret: Secret,
  pskSecret: Secret | undefined,
): Secret {
  return Secret.adopt(engine, engine.core.scheduleWelcome(kdf, joinerSecret.handle, pskSecret?.handle ?? 0));
}
