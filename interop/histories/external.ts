// External commits: newcomers who let themselves in, and members who have lost their state.

import { enter } from "./commits.ts";
import { identityOf, Member, type Person } from "./model.ts";
import { offers, type Play } from "./play.ts";
import { groupInfo, holdPsk, somePsk } from "./proposals.ts";

/** Somebody new joins from outside. */
export async function joinFromOutside(play: Play): Promise<void> {
  const { model, random, peers, settings } = play;
  const able = peers.filter((peer) => offers(peer, "externalJoin"));
  if (able.length === 0 || model.size >= settings.members.max) return;
  await enterFromOutside(play, model.newPerson(random.pick(able)), undefined);
}

/** A member takes its own place anew; who is behind goes first. MLS-12.4.3.2-08 */
export async function resync(play: Play): Promise<void> {
  const { model, random } = play;
  const able = (model.behind.length > 0 ? model.behind : model.members).filter(({ peer }) =>
    offers(peer, "externalJoin"),
  );
  if (able.length === 0) return;
  const prior = random.pick(able);
  await enterFromOutside(play, prior.person, prior);
}

async function enterFromOutside(play: Play, person: Person, prior: Member | undefined): Promise<void> {
  const { model, random, witness } = play;
  const others = model.members.filter((member) => member !== prior);
  if (others.length === 0) return;
  const externalTree = random.chance(0.4);
  const info = await groupInfo(play, random.pick(others), externalTree);
  if (info === undefined) return;
  const count = offers(person.peer, "externalJoin with PSKs") ? random.below(3) : 0;
  const psks = [...new Set(Array.from({ length: count }, () => somePsk(play)))];
  for (const psk of psks) await holdPsk(play, psk, others);
  const tags = [
    prior === undefined ? "commit:external" : "commit:resync",
    "format:public",
    externalTree ? "tree:apart" : "tree:inside",
    ...psks.map(() => "externalPSK"),
  ];
  const request = {
    groupInfo: info.groupInfo,
    ratchetTree: info.ratchetTree,
    encryptHandshake: person.encryptsHandshake,
    identity: identityOf(person),
    removePrior: prior !== undefined,
    psks,
  };
  const joined = await witness.call(person, "externalJoin", request, [...tags, `from:${info.from.name}`]);
  if (joined === undefined) return;
  const members = [new Member(person, joined.stateId, model.epoch + 1)];
  const behind = model.behind.filter((member) => member !== prior);
  for (const member of random.shuffled(others)) {
    const handled = { stateId: member.stateId, proposal: [], commit: joined.commit };
    const next = await witness.call(member, "handleCommit", handled, [...tags, `from:${person.peer.name}`]);
    if (next === undefined) behind.push(member);
    else {
      member.stateId = next.stateId;
      members.push(member);
    }
  }
  const gone = prior === undefined ? [] : [prior];
  await enter(play, members, behind, gone);
}
