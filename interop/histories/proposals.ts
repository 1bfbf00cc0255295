// Steps that make proposals, and what proposals may be about.

import type { CallName } from "../calls.ts";
import type { Extension, ProposalResponse } from "../client.ts";
import {
  type Content,
  descriptionOf,
  identityOf,
  type Member,
  type Newcomer,
  type PendingProposal,
  type Person,
  type Psk,
  type Signer,
} from "./model.ts";
import type { Peer } from "./peer.ts";
import { offers, type Play } from "./play.ts";

const requiredCapabilities = 3;
/** No extension or proposal type beyond the RFC's own, basic credentials. */
const requireBasic: Extension = { extensionType: requiredCapabilities, extensionData: Uint8Array.of(0, 0, 2, 0, 1) };

/** Somebody new, with a key package. */
export async function newcomer(play: Play, person?: Person): Promise<Newcomer | undefined> {
  const { model, random, witness, peers } = play;
  const who = person ?? model.newPerson(random.pick(peers));
  const made = await witness.call(who, "createKeyPackage", {
    cipherSuite: model.cipherSuite,
    identity: identityOf(who),
  });
  return made && { person: who, transactionId: made.transactionId, keyPackage: made.keyPackage };
}

/** A PSK that may be known already, or a fresh one. */
export function somePsk({ model, random }: Play): Psk {
  if (model.psks.length > 0 && random.chance(0.5)) return random.pick(model.psks);
  const psk = { pskId: random.bytes(8 + random.below(24)), pskSecret: random.bytes(32) };
  model.psks.push(psk);
  return psk;
}

/** Gives a PSK to whoever lacks it. */
export async function holdPsk({ witness }: Play, psk: Psk, members: readonly Member[]): Promise<void> {
  for (const member of members) {
    if (member.holds.has(psk)) continue;
    await witness.call(member, "storePSK", { stateOrTransactionId: member.stateId, ...psk });
    member.holds.add(psk);
  }
}

/** The latest epoch that every one of these has a resumption PSK of may be any from here on. */
export function firstCommonEpoch({ model }: Play, members: readonly Member[]): number {
  const kept = model.epoch - model.least("resumptionEpochs", members);
  return Math.max(0, kept, ...members.map(({ joined }) => joined));
}

/** Names that a Remove can be about, but for those that are spoken for. */
export function removable({ model }: Play, spared: ReadonlySet<string>): string[] {
  return [...model.members, ...model.behind].map(({ name }) => name).filter((name) => !spared.has(name));
}

/** A list for the GroupContext; it replaces the present one. */
export function someExtensions({ random }: Play): Extension[] {
  return random.chance(0.5) ? [requireBasic] : [];
}

type Kind = Content["kind"];

const callOf = {
  add: "addProposal",
  update: "updateProposal",
  remove: "removeProposal",
  externalPSK: "externalPSKProposal",
  resumptionPSK: "resumptionPSKProposal",
  groupContextExtensions: "groupContextExtensionsProposal",
} as const satisfies Record<Kind, CallName>;

/** A member proposes something that can be committed together with what it has proposed already. */
export async function propose(play: Play): Promise<void> {
  const { model, random } = play;
  const member = random.pick(model.members);
  const own = model.proposals.filter(({ proposer }) => proposer === member).map(({ content }) => content);
  const has = (kind: Kind): boolean => own.some((content) => content.kind === kind);
  const kind = random.weighted({
    add: model.size + own.length < play.settings.members.max && !has("resumptionPSK") ? 4 : 0,
    update: has("update") ? 0 : 4,
    remove: model.size > play.settings.members.min ? 2 : 0,
    externalPSK: 2,
    resumptionPSK: has("add") ? 0 : 1,
    groupContextExtensions: has("groupContextExtensions") ? 0 : 1,
  });
  if (!offers(member.peer, callOf[kind])) return;
  const content = await contentOf(play, kind, member, own);
  if (content === undefined) return;
  const made = await proposalOf(play, member, content);
  if (made === undefined) return;
  const knownTo = new Set([member]);
  model.proposals.push({
    message: made.proposal,
    proposer: member,
    sender: "member",
    madeBy: member.peer,
    content,
    knownTo,
  });
}

/** Has the member make the proposal. */
async function proposalOf({ witness }: Play, member: Member, content: Content): Promise<ProposalResponse | undefined> {
  const { stateId } = member;
  const tags = [content.kind, member.person.encryptsHandshake ? "format:private" : "format:public"];
  switch (content.kind) {
    case "add":
      return witness.call(member, "addProposal", { stateId, keyPackage: content.newcomer.keyPackage }, tags);
    case "update":
      return witness.call(member, "updateProposal", { stateId }, tags);
    case "remove":
      return witness.call(member, "removeProposal", { stateId, removedId: identityOf(content) }, tags);
    case "externalPSK":
      return witness.call(member, "externalPSKProposal", { stateId, pskId: content.psk.pskId }, tags);
    case "resumptionPSK":
      return witness.call(member, "resumptionPSKProposal", { stateId, epochId: BigInt(content.epoch) }, tags);
    case "groupContextExtensions": {
      const { extensions, signer } = content;
      if (signer === undefined) return witness.call(member, callOf[content.kind], { stateId, extensions }, tags);
      const { externalSender } = signer;
      return witness.call(member, "addExternalSigner", { stateId, externalSender }, [...tags, "signer"]);
    }
  }
}

async function contentOf(
  play: Play,
  kind: Kind,
  member: Member,
  own: readonly Content[],
): Promise<Content | undefined> {
  const { model, random } = play;
  switch (kind) {
    case "add": {
      const added = await newcomer(play);
      return added && { kind, newcomer: added };
    }
    case "update":
      return { kind, member };
    case "remove": {
      const spared = new Set([
        member.name,
        ...own.flatMap((content) => (content.kind === "remove" ? [content.name] : [])),
      ]);
      const names = removable(play, spared);
      return names.length === 0 ? undefined : { kind, name: random.pick(names) };
    }
    case "externalPSK": {
      const psk = somePsk(play);
      if (own.some((content) => content.kind === kind && content.psk === psk)) return undefined;
      await holdPsk(play, psk, [member]);
      return { kind, psk };
    }
    case "resumptionPSK": {
      const first = firstCommonEpoch(play, model.members);
      if (first > model.epoch) return undefined;
      const epoch = first + random.below(model.epoch - first + 1);
      return own.some((content) => content.kind === kind && content.epoch === epoch) ? undefined : { kind, epoch };
    }
    case "groupContextExtensions": {
      const signer = random.chance(0.4) ? await newSigner(play, member) : undefined;
      return { kind, extensions: signer ? [] : someExtensions(play), ...(signer && { signer }) };
    }
  }
}

/** An external sender for a group that has none; it will be the first of the list. */
async function newSigner(play: Play, member: Member): Promise<Signer | undefined> {
  const { model, random, witness, peers } = play;
  if (model.signers.length > 0 || !offers(member.peer, "addExternalSigner")) return undefined;
  const able = peers.filter((peer) => offers(peer, "createExternalSigner", "externalSignerProposal"));
  if (able.length === 0) return undefined;
  const { name, peer } = model.newPerson(random.pick(able));
  const request = { cipherSuite: model.cipherSuite, identity: identityOf({ name }) };
  const made = await witness.call({ name, peer }, "createExternalSigner", request);
  return made && { peer, name, signerId: made.signerId, externalSender: made.externalSender };
}

/** Somebody outside asks the members to add them. */
export async function proposeToJoin(play: Play): Promise<void> {
  const { model, random, witness, peers } = play;
  const able = peers.filter((peer) => offers(peer, "newMemberAddProposal"));
  if (able.length === 0 || model.size + model.proposals.length >= play.settings.members.max) return;
  const person = model.newPerson(random.pick(able));
  const info = await groupInfo(play, random.pick(model.members), false);
  if (info === undefined) return;
  const request = { groupInfo: info.groupInfo, identity: identityOf(person) };
  const made = await witness.call(person, "newMemberAddProposal", request, [`from:${info.from.name}`]);
  if (made === undefined) return;
  const added: Newcomer = { person, transactionId: made.transactionId, keyPackage: new Uint8Array(0) };
  const content = { kind: "add", newcomer: added } as const;
  outside(play, made.proposal, "newMember", person.peer, content);
}

/** An external sender proposes something. */
export async function proposeFromOutside(play: Play): Promise<void> {
  const { model, random, witness } = play;
  if (model.signers.length === 0) return;
  const signer = model.signers[0]!;
  const kind = random.weighted({
    add: model.size + model.proposals.length < play.settings.members.max ? 2 : 0,
    remove: model.size > play.settings.members.min ? 1 : 0,
    externalPSK: 1,
    groupContextExtensions: 1,
  });
  const content = await outsideContent(play, kind);
  if (content === undefined) return;
  const info = await groupInfo(play, random.pick(model.members), true);
  if (info === undefined) return;
  const { groupInfo: message, ratchetTree } = info;
  const request = { signerId: signer.signerId, signerIndex: 0, groupInfo: message, ratchetTree };
  const description = descriptionOf(content);
  const tags = [`from:${info.from.name}`, kind];
  const made = await witness.call(signer, "externalSignerProposal", { ...request, description }, tags);
  if (made !== undefined) outside(play, made.proposal, "external", signer.peer, content);
}

async function outsideContent(
  play: Play,
  kind: "add" | "remove" | "externalPSK" | "groupContextExtensions",
): Promise<Exclude<Content, { kind: "update" }> | undefined> {
  switch (kind) {
    case "add": {
      const added = await newcomer(play);
      return added && { kind, newcomer: added };
    }
    case "remove":
      return { kind, name: play.random.pick(removable(play, new Set())) };
    case "externalPSK":
      return { kind, psk: somePsk(play) };
    case "groupContextExtensions":
      return { kind, extensions: someExtensions(play) };
  }
}

function outside(
  { model }: Play,
  message: Uint8Array,
  sender: "external" | "newMember",
  madeBy: Peer,
  content: PendingProposal["content"],
): void {
  model.proposals.push({ message, proposer: undefined, sender, madeBy, content, knownTo: new Set() });
}

/** A GroupInfo of this member, with the ratchet tree apart if asked. */
export async function groupInfo({ witness }: Play, member: Member, externalTree: boolean) {
  const tags = [externalTree ? "tree:apart" : "tree:inside"];
  const made = await witness.call(member, "groupInfo", { stateId: member.stateId, externalTree }, tags);
  return made && { ...made, from: member.peer };
}
