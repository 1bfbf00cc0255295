import { openUnder } from "../bindings/crypto/hash.ts";
import { decryptWithLabel } from "../bindings/crypto/hpke.ts";
import { keyPackageRef } from "../bindings/crypto/labels.ts";
import { verifyWithLabel } from "../bindings/crypto/signature.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { encodeGroupContext } from "../bindings/message/groupcontext.ts";
import { decodeGroupInfo, groupInfoTbs } from "../bindings/message/groupinfo.ts";
import { decodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { decodeGroupSecrets } from "../bindings/message/welcome.ts";
import { EpochSecrets, welcomeSecretOf } from "../bindings/schedule/epoch.ts";
import { Difference, hex, toHex, type VectorKind } from "./kind.ts";
import { Person } from "./person.ts";

interface WelcomeVector {
  readonly cipher_suite: number;
  readonly init_priv: string;
  readonly signer_pub: string;
  readonly key_package: string;
  readonly welcome: string;
}

const nothing = new Uint8Array(0);

/** A Welcome, its GroupInfo and the confirmation tag in it (RFC 9420 section 12.4.3). */
export const welcome: VectorKind = {
  name: "welcome",
  fields: ["init_priv", "signer_pub", "key_package"],
  verify: (vector: WelcomeVector, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    const message = decodeMLSMessage(hex(vector.key_package));
    const sealed = decodeMLSMessage(hex(vector.welcome));
    if (message.kind !== "keyPackage" || sealed.kind !== "welcome") throw new Difference("another kind of message");
    const reference = toHex(keyPackageRef(suite, message.keyPackage.encoded!));
    const { secrets, encryptedGroupInfo } = sealed.welcome;
    const entry = [...secrets].find(({ newMember }) => toHex(newMember) === reference);
    if (entry === undefined) throw new Difference("the Welcome is for somebody else");
    const receiver = {
      privateKey: tools.privateKey(suite, vector.init_priv),
      publicKey: message.keyPackage.initKey,
    };
    const opened = decryptWithLabel(suite, receiver, "Welcome", encryptedGroupInfo, entry.encryptedGroupSecrets);
    const joiner = tools.secret(toHex(decodeGroupSecrets(opened).joinerSecret));
    using welcomeSecret = welcomeSecretOf(suite, joiner, undefined);
    const groupInfo = decodeGroupInfo(openUnder(suite, welcomeSecret, nothing, nothing, encryptedGroupInfo));
    verifyWithLabel(suite, hex(vector.signer_pub), "GroupInfoTBS", groupInfoTbs(groupInfo), groupInfo.signature);
    const context = encodeGroupContext(groupInfo.groupContext);
    const shape = { leafCount: 2, limits: defaultLimits };
    const epoch = EpochSecrets.join(suite, joiner, undefined, context, shape);
    try {
      epoch.verifyConfirmationTag(groupInfo.groupContext.confirmedTranscriptHash, groupInfo.confirmationTag);
    } finally {
      epoch.wipe();
    }
  },
  generate: (suite, tools) => {
    const founder = new Person("founder", suite, tools);
    const joiner = new Person("joiner", suite, tools).keyPackage();
    const group = founder.createGroup(tools.bytes(16));
    const adding = group.commit({ add: [joiner.message] });
    return {
      cipher_suite: suite.id,
      init_priv: toHex(joiner.initKey.export()),
      signer_pub: toHex(founder.leaves.parts.signatureKey.publicKey),
      key_package: toHex(joiner.message),
      welcome: toHex(adding.welcomes[0]!),
    } satisfies WelcomeVector;
  },
};
