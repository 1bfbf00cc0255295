// The steps that begin an epoch: a member's commit, alone or against a rival.

import type { CallResponse } from "../calls.ts";
import { checkEpoch, send } from "./checks.ts";
import { type Content, descriptionOf, Member, type Newcomer, type Psk } from "./model.ts";
import { contentsOf, type Plan, planCommit } from "./plan.ts";
import type { Play } from "./play.ts";
import { probeCommit, probeRemoved } from "./probes.ts";
import { holdPsk } from "./proposals.ts";

/** Somebody commits, and everyone follows. */
export async function commit(play: Play): Promise<void> {
  const plan = await planCommit(play);
  if (plan === undefined) return;
  await rivalCommit(play, plan);
  const made = await makeCommit(play, plan);
  if (made !== undefined) await follow(play, plan, made);
}

/** A commit that will lose: the delivery service has chosen the other one. MLS-14-06 */
async function rivalCommit({ model, random, witness }: Play, { committer }: Plan): Promise<void> {
  if (!random.chance(0.15)) return;
  const rivals = model.others(committer).filter((member) => {
    const own = model.proposals.filter(({ knownTo }) => knownTo.has(member));
    return own.length === 0 && !member.hasPending;
  });
  if (rivals.length === 0) return;
  const rival = random.pick(rivals);
  const request = { stateId: rival.stateId, byReference: [], byValue: [], forcePath: true, externalTree: false };
  const made = await witness.call(rival, "commit", request, ["commit:rival", "path:forced"]);
  rival.hasPending = made !== undefined;
}

type Made = CallResponse<"commit">;

async function makeCommit(play: Play, plan: Plan): Promise<Made | undefined> {
  const { witness, model } = play;
  const { committer, byReference, byValue, forcePath, externalTree } = plan;
  const psks = contentsOf(plan).flatMap((content) => (content.kind === "externalPSK" ? [content.psk] : []));
  const removed = removedBy(contentsOf(plan));
  for (const psk of psks) {
    await holdPsk(
      play,
      psk,
      model.members.filter(({ name }) => !removed.has(name)),
    );
  }
  const request = {
    stateId: committer.stateId,
    byReference: byReference.map(({ message }) => message),
    byValue: byValue.map(descriptionOf),
    forcePath,
    externalTree,
  };
  const made = await witness.call(committer, "commit", request, tagsOf(plan));
  // What it has looked at, it may take along in its next commit on its own.
  if (made === undefined) for (const { knownTo } of byReference) knownTo.add(committer);
  return made;
}

/** What a commit is about, for the table of differences. */
function tagsOf(plan: Plan): string[] {
  const { committer, byReference, byValue, forcePath, externalTree } = plan;
  return [
    "commit:member",
    `from:${committer.peer.name}`,
    committer.person.encryptsHandshake ? "format:private" : "format:public",
    forcePath ? "path:forced" : "path:optional",
    externalTree ? "tree:apart" : "tree:inside",
    ...contentsOf(plan).flatMap(wordsFor),
    ...byValue.map(({ kind }) => `value:${kind}`),
    ...byReference.map(({ content }) => `reference:${content.kind}`),
    ...byReference.map(({ sender }) => `proposer:${sender}`),
    ...byReference.map(({ madeBy }) => `by:${madeBy.name}`),
  ];
}

function wordsFor(content: Content): string[] {
  if (content.kind !== "groupContextExtensions") return [content.kind];
  const list = content.signer ? "senders" : content.extensions.length === 0 ? "none" : "requirements";
  return [content.kind, `extensions:${list}`];
}

function removedBy(contents: readonly Content[]): Set<string> {
  return new Set(contents.flatMap((content) => (content.kind === "remove" ? [content.name] : [])));
}

/** Everyone processes the commit, newcomers join, and the epoch is checked. */
async function follow(play: Play, plan: Plan, made: Made): Promise<void> {
  const { model, random, witness } = play;
  const { committer, byReference } = plan;
  const contents = contentsOf(plan);
  const removed = removedBy(contents);
  const tags = tagsOf(plan);
  const members: Member[] = [];
  const behind = model.behind.filter(({ name }) => !removed.has(name));
  for (const member of random.shuffled(model.members)) {
    const { stateId, name } = member;
    if (removed.has(name)) continue;
    const tried = member === committer ? [] : await probeCommit(play, member, byReference, made.commit);
    const proposal = byReference.map(({ message }) => message);
    const next =
      member === committer
        ? await witness.call(member, "handlePendingCommit", { stateId }, tags)
        : await witness.call(member, "handleCommit", { stateId, proposal, commit: made.commit }, [...tags, ...tried]);
    if (next === undefined) behind.push(member);
    else {
      member.stateId = next.stateId;
      members.push(member);
    }
  }
  const gone = [...model.members, ...model.behind].filter(({ name }) => removed.has(name));
  const newcomers = contents.flatMap((content) => (content.kind === "add" ? [content.newcomer] : []));
  const psks = contents.flatMap((content) => (content.kind === "externalPSK" ? [content.psk] : []));
  for (const added of newcomers) {
    const joined = await join(play, added, made, psks, tags);
    if (joined !== undefined) members.push(joined);
    else behind.push(new Member(added.person, undefined, model.epoch + 1));
  }
  const extensions = contents.findLast(({ kind }) => kind === "groupContextExtensions");
  if (extensions?.kind === "groupContextExtensions") model.signers = extensions.signer ? [extensions.signer] : [];
  model.lastCommit = made;
  await enter(play, members, behind, gone);
}

async function join(
  play: Play,
  { person, transactionId, keyPackage }: Newcomer,
  { welcome, ratchetTree }: Made,
  psks: readonly Psk[],
  tags: readonly string[],
): Promise<Member | undefined> {
  const { witness, model } = play;
  for (const psk of psks) await witness.call(person, "storePSK", { stateOrTransactionId: transactionId, ...psk });
  const request = {
    transactionId,
    welcome,
    ratchetTree,
    encryptHandshake: person.encryptsHandshake,
    identity: new TextEncoder().encode(person.name),
  };
  const joined = await witness.call(person, "joinGroup", request, tags);
  return joined && new Member(person, joined.stateId, model.epoch + 1, keyPackage);
}

/** The new epoch begins for these members; those who are gone must not read on. */
export async function enter(play: Play, members: Member[], behind: Member[], gone: readonly Member[]): Promise<void> {
  const { model, random, witness, counts } = play;
  model.beginEpoch(members, behind);
  counts.epochs++;
  await checkEpoch(play);
  for (const member of gone) {
    if (!member.hasState) continue;
    const letter = await send(play, random.pick(members));
    if (letter !== undefined) await probeRemoved(play, member, letter);
    await witness.call(member, "free", { stateId: member.stateId });
  }
}
