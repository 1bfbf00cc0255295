import { openUnder } from "../bindings/crypto/hash.ts";
import { decryptWithLabel } from "../bindings/crypto/hpke.ts";
import { keyPackageRef } from "../bindings/crypto/labels.ts";
import { verifyWithLabel } from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { encodeGroupContext } from "../bindings/message/groupcontext.ts";
import { decodeGroupInfo, groupInfoTbs } from "../bindings/message/groupinfo.ts";
import type { KeyPackage } from "../bindings/message/keypackage.ts";
import { decodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { decodeGroupSecrets, type EncryptedGroupSecrets, type Welcome } from "../bindings/message/welcome.ts";
import { EpochSecrets, welcomeSecretOf } from "../bindings/schedule/epoch.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { Person } from "./person.ts";
import { bytes, Difference, record, uint16 } from "./shape.ts";

const shape = record({
  cipher_suite: uint16,
  init_priv: bytes,
  signer_pub: bytes,
  key_package: bytes,
  welcome: bytes,
});

const nothing = new Uint8Array(0);

/** A key package, and the entry for it in a Welcome. */
export interface Invitation {
  readonly keyPackage: KeyPackage;
  /** KeyPackageRef. */
  readonly reference: Uint8Array;
  readonly welcome: Welcome;
  readonly entry: EncryptedGroupSecrets;
}

/** The two messages of a case, which must belong together. */
export function readInvitation(suite: CipherSuite, keyPackage: Uint8Array, welcome: Uint8Array): Invitation {
  const [invited, inviting] = [decodeMLSMessage(keyPackage), decodeMLSMessage(welcome)];
  if (invited.kind !== "keyPackage") throw new Difference(`key_package is a ${invited.kind}`);
  if (inviting.kind !== "welcome") throw new Difference(`welcome is a ${inviting.kind}`);
  const reference = keyPackageRef(suite, invited.keyPackage.encoded!);
  const [entry] = inviting.welcome.secrets.for([reference]);
  if (entry === undefined) throw new Difference("the Welcome is for somebody else");
  return { keyPackage: invited.keyPackage, reference, welcome: inviting.welcome, entry };
}

/** A Welcome, its GroupInfo and the confirmation tag in it (RFC 9420 section 12.4.3). */
export const welcome: VectorKind = vectorKind("welcome", shape, {
  verify: (vector, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    const { keyPackage, entry, welcome: sealed } = readInvitation(suite, vector.key_package, vector.welcome);
    const { encryptedGroupInfo } = sealed;
    const receiver = tools.hpkeKeyPair(suite, "init_priv", vector.init_priv, keyPackage.initKey);
    const opened = decryptWithLabel(suite, receiver, "Welcome", encryptedGroupInfo, entry.encryptedGroupSecrets);
    const joiner = tools.secret(decodeGroupSecrets(opened).joinerSecret);
    const welcomeSecret = tools.own(welcomeSecretOf(suite, joiner, undefined));
    const groupInfo = decodeGroupInfo(openUnder(suite, welcomeSecret, nothing, nothing, encryptedGroupInfo));
    verifyWithLabel(suite, vector.signer_pub, "GroupInfoTBS", groupInfoTbs(groupInfo), groupInfo.signature);
    const context = encodeGroupContext(groupInfo.groupContext);
    const epoch = EpochSecrets.join(suite, joiner, undefined, context, { leafCount: 2, limits: defaultLimits });
    try {
      epoch.verifyConfirmationTag(groupInfo.groupContext.confirmedTranscriptHash, groupInfo.confirmationTag);
    } finally {
      epoch.wipe();
    }
  },
  generate: (suite, tools) => {
    const founder = new Person("founder", suite, tools);
    const joiner = new Person("joiner", suite, tools).keyPackage();
    const group = tools.own(founder.createGroup());
    const adding = group.commit({ add: [joiner.message] });
    return {
      cipher_suite: suite.id,
      init_priv: joiner.initKey.export(),
      signer_pub: founder.leaves.parts.signatureKey.publicKey,
      key_package: joiner.message,
      welcome: adding.welcomes[0]!,
    };
  },
});
