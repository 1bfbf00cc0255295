// Groups that continue another one (RFC 9420 sections 11.2 and 11.3).

import { checkEpoch } from "./checks.ts";
import { foundGroup } from "./found.ts";
import { Member } from "./model.ts";
import { offers, type Play } from "./play.ts";
import { newcomer, someExtensions } from "./proposals.ts";

/** Re-initializes the group, perhaps under another suite; the history goes on in the successor. */
export async function reInit(play: Play): Promise<void> {
  const { model, random, witness, settings, counts } = play;
  const { members } = model;
  const able = members.every(({ peer }) =>
    offers(
      peer,
      "reInitProposal",
      "reInitCommit",
      "handleReInitCommit",
      "handlePendingReInitCommit",
      "reInitWelcome",
      "handleReInitWelcome",
    ),
  );
  // Who has proposals of its own would have to commit them too (MLS-12.2-11).
  const free = members.filter(
    (member) => !member.hasPending && !model.proposals.some(({ knownTo }) => knownTo.has(member)),
  );
  if (!able || free.length === 0 || model.behind.length > 0 || members.length < 2) return;
  const committer = random.pick(free);
  const proposer = random.pick(free);
  const cipherSuite = random.pick(settings.suites);
  const groupId = random.bytes(16);
  const extensions = someExtensions(play);
  const externalTree = random.chance(0.3);
  const tags = [`suite:${model.cipherSuite === cipherSuite ? "same" : "other"}`, `from:${committer.peer.name}`];

  const proposed = await witness.call(
    proposer,
    "reInitProposal",
    { stateId: proposer.stateId, cipherSuite, groupId, extensions },
    tags,
  );
  if (proposed === undefined) return;
  const list = { byReference: [proposed.proposal], byValue: [], forcePath: false, externalTree: false };
  const made = await witness.call(committer, "reInitCommit", { stateId: committer.stateId, ...list }, tags);
  if (made === undefined) return;
  const ended = new Map<Member, { reinitId: number; keyPackage: Uint8Array }>();
  let authenticator: Uint8Array | undefined;
  for (const member of random.shuffled(members)) {
    const { stateId } = member;
    const request = { stateId, proposal: [proposed.proposal], commit: made.commit };
    const result =
      member === committer
        ? await witness.call(member, "handlePendingReInitCommit", { stateId }, tags)
        : await witness.call(member, "handleReInitCommit", request, tags);
    // There is no way back for those who refuse: the group has ended, and its successor has no place for them.
    if (result === undefined) continue;
    witness.same(
      `${member.name} ends the group`,
      result.epochAuthenticator,
      (authenticator ??= result.epochAuthenticator),
    );
    ended.set(member, result);
  }

  // Whoever cannot found the successor leaves it to another one (MLS-11.2-05).
  for (const [welcomer, { reinitId }] of random.shuffled([...ended])) {
    const others = [...ended].filter(([member]) => member !== welcomer);
    const keyPackage = others.map(([, end]) => end.keyPackage);
    const request = { reinitId, keyPackage, forcePath: random.chance(0.5), externalTree };
    const founded = await witness.call(welcomer, "reInitWelcome", request, tags);
    if (founded === undefined) continue;
    const successors = [new Member(welcomer.person, founded.stateId, 1)];
    const behind: Member[] = [];
    for (const [{ person }, { reinitId }] of others) {
      const { welcome, ratchetTree } = founded;
      const joined = await witness.call(person, "handleReInitWelcome", { reinitId, welcome, ratchetTree }, tags);
      (joined === undefined ? behind : successors).push(new Member(person, joined?.stateId, 1));
    }
    model.succeed(cipherSuite, successors, behind);
    counts.epochs++;
    await checkEpoch(play);
    return;
  }
  await foundGroup(play);
}

/** Some members branch off, look whether all is well, and come back; the group goes on as before. */
export async function branch(play: Play): Promise<void> {
  const { model, random, witness } = play;
  const able = model.members.filter(({ peer }) => offers(peer, "createBranch", "handleBranch"));
  if (able.length < 2) return;
  const [founder, ...others] = random.some(able, 2 + random.below(able.length - 1)) as [Member, ...Member[]];
  const tags = [`from:${founder.peer.name}`];
  const joiners = [];
  for (const member of others) {
    const made = await newcomer(play, member.person);
    if (made === undefined) return;
    joiners.push({ member, ...made });
  }
  const externalTree = random.chance(0.3);
  const founded = await witness.call(
    founder,
    "createBranch",
    {
      stateId: founder.stateId,
      groupId: random.bytes(16),
      extensions: someExtensions(play),
      keyPackages: joiners.map(({ keyPackage }) => keyPackage),
      forcePath: random.chance(0.5),
      externalTree,
    },
    tags,
  );
  if (founded === undefined) return;
  const branched = [new Member(founder.person, founded.stateId, 1)];
  for (const { member, transactionId } of joiners) {
    const { welcome, ratchetTree } = founded;
    const request = { stateId: member.stateId, transactionId, welcome, ratchetTree };
    const joined = await witness.call(member, "handleBranch", request, tags);
    if (joined !== undefined) branched.push(new Member(member.person, joined.stateId, 1));
  }
  const own = { ...play, model: model.branch(branched) };
  await checkEpoch(own);
  for (const member of branched) await witness.call(member, "free", { stateId: member.stateId });
}
