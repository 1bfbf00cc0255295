import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { openUnder } from "../../bindings/crypto/hash.ts";
import { decryptWithLabel } from "../../bindings/crypto/hpke.ts";
import { keyPackageRef } from "../../bindings/crypto/labels.ts";
import { verifyWithLabel } from "../../bindings/crypto/signature.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { decodeGroupInfo, groupInfoTbs } from "../../bindings/message/groupinfo.ts";
import { encodeGroupContext } from "../../bindings/message/groupcontext.ts";
import { decodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { decodeGroupSecrets } from "../../bindings/message/welcome.ts";
import { EpochSecrets, welcomeSecretOf } from "../../bindings/schedule/epoch.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { hex, toHex } from "../support/bytes.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { loadVectors } from "../support/vectors.ts";

interface Case {
  readonly cipher_suite: number;
  readonly init_priv: string;
  readonly signer_pub: string;
  readonly key_package: string;
  readonly welcome: string;
}

const cases = loadVectors<Case[]>("mls/welcome.json");
const nothing = new Uint8Array(0);

describe.skipIf(cases === undefined)("welcome.json", () => {
  it.each(cases ?? [])("suite $cipher_suite (MLS-12.4.3.1-07, -09, -10, -18, MLS-12.4.3-05)", (vector) => {
    const engine = new Engine();
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    const message = decodeMLSMessage(hex(vector.key_package));
    const sealed = decodeMLSMessage(hex(vector.welcome));
    if (message.kind !== "keyPackage" || sealed.kind !== "welcome") throw new Error("another kind of message");
    const { welcome } = sealed;
    const reference = toHex(keyPackageRef(suite, message.keyPackage.encoded!));
    const entry = [...welcome.secrets].find(({ newMember }) => toHex(newMember) === reference)!;
    const keyPair = {
      privateKey: Secret.import(engine, hex(vector.init_priv)),
      publicKey: message.keyPackage.initKey,
    };
    const open = (context: Uint8Array): Uint8Array =>
      decryptWithLabel(suite, keyPair, "Welcome", context, entry.encryptedGroupSecrets);
    const secrets = decodeGroupSecrets(open(welcome.encryptedGroupInfo));
    expect(() => open(welcome.encryptedGroupInfo.subarray(1))).toThrow(
      expect.objectContaining({ code: "ERR_DECRYPT" }),
    );

    const joinerSecret = Secret.import(engine, secrets.joinerSecret);
    const welcomeSecret = welcomeSecretOf(suite, joinerSecret, undefined);
    const groupInfo = decodeGroupInfo(openUnder(suite, welcomeSecret, nothing, nothing, welcome.encryptedGroupInfo));
    const verify = (signature: Uint8Array): void =>
      verifyWithLabel(suite, hex(vector.signer_pub), "GroupInfoTBS", groupInfoTbs(groupInfo), signature);
    verify(groupInfo.signature);
    const wrong = Uint8Array.from(groupInfo.signature);
    wrong[wrong.length - 1]! ^= 1;
    expect(() => verify(wrong)).toThrow(expect.objectContaining({ code: "ERR_SIGNATURE" }));

    const context = encodeGroupContext(groupInfo.groupContext);
    const shape = { leafCount: 2, limits: defaultLimits };
    const epoch = EpochSecrets.join(suite, joinerSecret, undefined, context, shape);
    epoch.verifyConfirmationTag(groupInfo.groupContext.confirmedTranscriptHash, groupInfo.confirmationTag);
  });

  it("has one case for each suite", () => {
    expect(cases?.map(({ cipher_suite }) => cipher_suite)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
