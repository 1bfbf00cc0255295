// A dishonest member: signs and protects whatever it is told to, with the keys of a real one.
import { expect } from "vitest";
import { encodeWhole } from "../../bindings/codec/writer.ts";
import { defaultEngine } from "../../bindings/core/engine.ts";
import { signFramedContent } from "../../bindings/framing/authenticated.ts";
import { protectPrivate } from "../../bindings/framing/privatemessage.ts";
import { protectPublic } from "../../bindings/framing/publicmessage.ts";
import type { Group } from "../../bindings/group.ts";
import { createCommit } from "../../bindings/group/create.ts";
import { forgetNextEpoch } from "../../bindings/group/epoch.ts";
import { signLeaf } from "../../bindings/group/leaf.ts";
import { acceptAnyCredential, basicCredential, Client, type ClientOptions, MlsError } from "../../bindings/index.ts";
import type { Commit } from "../../bindings/message/commit.ts";
import { WireFormat } from "../../bindings/message/constants.ts";
import { withEncoded } from "../../bindings/message/encoded.ts";
import { type Content, type FramedContent, writeFramedContent } from "../../bindings/message/framing.ts";
import {
  decodeKeyPackage,
  encodeKeyPackage,
  type KeyPackage,
  type KeyPackageContent,
  keyPackageTbs,
} from "../../bindings/message/keypackage.ts";
import type { LeafNode, LeafNodeContent } from "../../bindings/message/leafnode.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import type { UpdatePath } from "../../bindings/message/updatepath.ts";
import { generateSignatureKeyPair, signWithLabel } from "../../bindings/crypto/signature.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";

/** A client whose handshakes everybody can read. */
export function publicClient(name: string, options: Partial<ClientOptions> = {}): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    handshakeFormat: "public",
    ...options,
  });
}

/** Groups of as many members as names, in the order of their leaves. */
export function groupOf(...names: string[]): { clients: Client[]; groups: Group[] } {
  return groupUnder({}, ...names);
}

/** The same, of clients with these options. */
export function groupUnder(
  options: Partial<ClientOptions>,
  ...names: string[]
): { clients: Client[]; groups: Group[] } {
  const clients = names.map((name) => publicClient(name, options));
  const [founder, ...others] = clients;
  const first = founder!.createGroup("room");
  const groups = [first];
  if (others.length > 0) {
    const adding = first.commit({ add: others.map((other) => other.keyPackage()) });
    adding.accept();
    groups.push(...others.map((other) => other.join(adding.welcomes[0]!).accept()));
  }
  return { clients, groups };
}

/** The key package inside a message. */
export function keyPackageIn(message: Uint8Array): KeyPackage {
  const decoded = decodeMLSMessage(message);
  if (decoded.kind !== "keyPackage") throw new Error(`a ${decoded.kind}`);
  return decoded.keyPackage;
}

/** All rules that an error and its causes name, outermost first. */
export function rulesOf(error: unknown): string[] {
  const rules: string[] = [];
  for (let at = error; at instanceof MlsError; at = at.cause) rules.push(at.rule ?? at.code);
  return rules;
}

/** The error that `run` throws, which must be of the library. */
export function errorOf(run: () => unknown): MlsError {
  try {
    run();
  } catch (error) {
    if (error instanceof MlsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The same of a refusal, which can be repeated and leaves nothing in the core. MLS-9.2-07 */
export function refusalOf(refuse: () => unknown): MlsError {
  const { core } = defaultEngine();
  const inUse = (): number[] => [core.memoryInUse(), core.handlesInUse()];
  const first = errorOf(refuse);
  const before = inUse();
  expect(errorOf(refuse).code).toBe(first.code);
  expect(inUse()).toEqual(before);
  return first;
}

/** What may be changed of a frame. */
export interface FrameChanges {
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  readonly sender?: FramedContent["sender"];
  readonly confirmationTag?: Uint8Array | undefined;
  readonly format?: "public" | "private";
}

/** Signs and protects content in the name of a member. */
export function forge({ state }: Group, content: Content, changes: FrameChanges = {}): Uint8Array {
  const { suite, epoch, signatureKey, ownLeafIndex } = state;
  const framed: FramedContent = {
    groupId: changes.groupId ?? epoch.groupContext.groupId,
    epoch: changes.epoch ?? epoch.groupContext.epoch,
    sender: changes.sender ?? { kind: "member", leafIndex: ownLeafIndex },
    authenticatedData: new Uint8Array(0),
    content,
  };
  const sealed = withEncoded(framed, encodeWhole(framed, writeFramedContent));
  const isPublic = changes.format !== "private";
  const wireFormat = isPublic ? WireFormat.publicMessage : WireFormat.privateMessage;
  const signature = signFramedContent(suite, signatureKey, wireFormat, sealed, epoch.groupContext);
  const tag = content.kind === "commit" ? new Uint8Array(suite.hashLength) : undefined;
  const confirmationTag = "confirmationTag" in changes ? changes.confirmationTag : tag;
  const authenticated = { wireFormat, content: sealed, auth: { signature, confirmationTag } };
  if (isPublic) {
    const publicMessage = protectPublic(suite, authenticated, epoch.groupContext, epoch.secrets.membershipKey);
    return encodeMLSMessage({ kind: "publicMessage", publicMessage });
  }
  const { message } = protectPrivate(suite, authenticated, epoch.secrets, systemRandom);
  return encodeMLSMessage({ kind: "privateMessage", privateMessage: message });
}

/** A commit of these proposals by value, without a path. */
export function forgeCommit(group: Group, proposals: readonly Proposal[], path?: UpdatePath): Uint8Array {
  const commit: Commit = { proposals: proposals.map((proposal) => ({ kind: "proposal", proposal })), path };
  return forge(group, { kind: "commit", commit });
}

/** An honest commit of a member, taken apart; the group stays where it is. */
export function honestCommit(group: Group, proposals: readonly Proposal[] = []): { commit: Commit; path: UpdatePath } {
  const created = createCommit(group.state, {
    proposals,
    includeReceived: false,
    path: true,
    leaf: {},
    authenticatedData: new Uint8Array(0),
    format: "public",
    treeInWelcome: true,
    membersPerWelcome: 1000,
    groupInfoExtensions: [],
  });
  forgetNextEpoch(created.next);
  const message = decodeMLSMessage(created.message);
  if (message.kind !== "publicMessage" || message.publicMessage.content.content.kind !== "commit") {
    throw new Error("not a commit");
  }
  const { commit } = message.publicMessage.content.content;
  return { commit, path: commit.path! };
}

/** A path with another leaf, or other nodes. */
export function alteredPath(
  path: UpdatePath,
  changes: { readonly leafNode?: LeafNode; readonly nodes?: UpdatePath["nodes"] },
): UpdatePath {
  const { leafNode, nodes } = { leafNode: path.leafNode, nodes: path.nodes, ...changes };
  return { leafNode, nodes };
}

/** All of a leaf but its signature. */
export function contentOf(leaf: LeafNode): LeafNodeContent {
  const { encryptionKey, signatureKey, credential, capabilities, source, extensions } = leaf;
  return { encryptionKey, signatureKey, credential, capabilities, source, extensions };
}

/** A leaf of a member with some fields changed, signed again for its place. */
export function resignedLeaf(
  { state }: Group,
  leaf: LeafNode,
  changes: Partial<LeafNodeContent>,
  place: { readonly leafIndex?: number; readonly groupId?: Uint8Array } = {},
): LeafNode {
  const content: LeafNodeContent = { ...contentOf(leaf), ...changes };
  const position = {
    groupId: place.groupId ?? state.epoch.groupContext.groupId,
    leafIndex: place.leafIndex ?? state.ownLeafIndex,
  };
  const at = content.source.kind === "keyPackage" ? undefined : position;
  return signLeaf(state.suite, state.signatureKey, content, at, state.environment.decode);
}

/** A key package of a stranger, signed with a key of its own whatever it says. */
export function forgedKeyPackage(
  { state }: Group,
  leaf: Partial<LeafNodeContent> = {},
  outer: Partial<KeyPackageContent> = {},
): KeyPackage {
  const { suite, environment } = state;
  const plugins = suite.plugin === undefined ? [] : [suite.plugin];
  const stranger = publicClient("stranger", { cipherSuite: suite.id, suites: plugins });
  const template = keyPackageIn(stranger.keyPackage());
  const key = generateSignatureKeyPair(suite, systemRandom);
  const content = { ...contentOf(template.leafNode), signatureKey: key.publicKey, ...leaf };
  const position = { groupId: state.epoch.groupContext.groupId, leafIndex: 3 };
  const at = content.source.kind === "keyPackage" ? undefined : position;
  const leafNode = signLeaf(suite, key, content, at, environment.decode);
  const { version, cipherSuite, initKey, extensions } = template;
  const changed: KeyPackageContent = { version, cipherSuite, initKey, extensions, leafNode, ...outer };
  const signature = signWithLabel(suite, key, "KeyPackageTBS", keyPackageTbs(changed));
  return decodeKeyPackage(encodeKeyPackage({ ...changed, signature }), environment.decode);
}
