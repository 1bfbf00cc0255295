// Welcomes of a dishonest founder: whatever it likes stands in GroupSecrets, GroupInfo and tree.
import { sealUnder } from "../../bindings/crypto/hash.ts";
import { encryptWithLabel } from "../../bindings/crypto/hpke.ts";
import { keyPackageRef } from "../../bindings/crypto/labels.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import type { SignatureKeyPair } from "../../bindings/crypto/signature.ts";
import { sealedContext } from "../../bindings/group/epoch.ts";
import { ratchetTreeExtension, signGroupInfo } from "../../bindings/group/welcome.ts";
import type { Client, ClientOptions, Extension, Group } from "../../bindings/index.ts";
import type { GroupContext } from "../../bindings/message/groupcontext.ts";
import { encodeGroupInfo } from "../../bindings/message/groupinfo.ts";
import { encodeKeyPackage } from "../../bindings/message/keypackage.ts";
import { encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { encodeGroupSecrets, type GroupSecrets, WelcomeEntries } from "../../bindings/message/welcome.ts";
import { EpochSecrets } from "../../bindings/schedule/epoch.ts";
import type { StagedTree } from "../../bindings/tree/ratchettree.ts";
import { keyPackageIn, publicClient } from "./forge.ts";

/** What the founder does otherwise than the rules say. */
export interface WelcomeFraud {
  readonly options?: Partial<ClientOptions>;
  /** The plaintext of the joiner's entry. */
  readonly secrets?: (honest: GroupSecrets) => Uint8Array;
  readonly tree?: (tree: StagedTree, founder: Group) => void;
  readonly extensions?: (joiner: Client) => readonly Extension[];
  readonly context?: Partial<GroupContext>;
  /** Who signs, and with which key. */
  readonly signer?: { readonly leafIndex: number; readonly key: SignatureKeyPair };
  /** The suite that the Welcome claims. */
  readonly cipherSuite?: number;
}

/** A Welcome to a new client, who would be member 1 of a group of two. */
export function forgedWelcome(fraud: WelcomeFraud = {}): { joiner: Client; founder: Group; welcome: Uint8Array } {
  const founder = publicClient("founder", fraud.options).createGroup("room");
  const joiner = publicClient("joiner", fraud.options);
  const keyPackage = keyPackageIn(joiner.keyPackage());
  const { suite, epoch, environment, signatureKey } = founder.state;
  const tree = founder.state.tree.fork();
  tree.add(keyPackage.leafNode.encoded);
  fraud.tree?.(tree, founder);
  const extensions = fraud.extensions?.(joiner) ?? [];
  const changes = { epoch: 1n, treeHash: tree.treeHash(), extensions, ...fraud.context };
  const groupContext = sealedContext({ ...epoch.groupContext, ...changes });
  const shape = { leafCount: tree.leafCount, limits: environment.limits };
  const { encoded, confirmedTranscriptHash } = groupContext;
  const secrets = EpochSecrets.commit(suite, epoch.secrets.initSecret, undefined, undefined, encoded, shape);
  const next = { ...epoch, groupContext, confirmationTag: secrets.confirmationTag(confirmedTranscriptHash) };
  const { leafIndex, key } = fraud.signer ?? { leafIndex: 0, key: signatureKey };
  const groupInfo = signGroupInfo(suite, key, next, leafIndex, [ratchetTreeExtension(tree)]);
  const nothing = new Uint8Array(0);
  const encryptedGroupInfo = sealUnder(suite, secrets.welcomeSecret!, nothing, nothing, encodeGroupInfo(groupInfo));
  const honest = { joinerSecret: secrets.joinerSecret!.export(), pathSecret: undefined, psks: [] };
  const plaintext = fraud.secrets?.(honest) ?? encodeGroupSecrets(honest);
  const entry = {
    newMember: keyPackageRef(suite, encodeKeyPackage(keyPackage)),
    encryptedGroupSecrets: encryptWithLabel(
      suite,
      keyPackage.initKey,
      "Welcome",
      encryptedGroupInfo,
      plaintext,
      systemRandom,
    ),
  };
  secrets.wipe();
  tree.close();
  const welcome = {
    cipherSuite: fraud.cipherSuite ?? suite.id,
    secrets: WelcomeEntries.of([entry]),
    encryptedGroupInfo,
  };
  return { joiner, founder, welcome: encodeMLSMessage({ kind: "welcome", welcome }) };
}
