// What must be equal for all members at the end of every epoch.

import type { Letter, Member } from "./model.ts";
import type { Play } from "./play.ts";

/** Equal authenticators, equal exported secrets, and a message that everyone reads. */
export async function checkEpoch(play: Play): Promise<void> {
  await checkSecrets(play, play.model.members);
  await sendAndRead(play, play.random.pick(play.model.members));
}

/** Everyone sends, everyone reads, and nothing readable stays unread. */
export async function checkEnd(play: Play): Promise<void> {
  const { members } = play.model;
  await checkSecrets(play, members);
  for (const member of members) await sendAndRead(play, member);
  for (const member of members) {
    for (const letter of play.random.shuffled(member.inbox)) await read(play, member, letter);
  }
}

async function checkSecrets({ model, random, witness }: Play, members: readonly Member[]): Promise<void> {
  const request = { label: `label ${random.below(1000)}`, context: random.bytes(random.below(40)), keyLength: 32 };
  const expected: { authenticator?: Uint8Array; exported?: Uint8Array } = {};
  for (const member of members) {
    const { stateId } = member;
    const auth = await witness.call(member, "stateAuth", { stateId });
    if (auth) {
      witness.same(
        `epoch ${model.epoch}: ${member.name} has the authenticator`,
        auth.stateAuthSecret,
        (expected.authenticator ??= auth.stateAuthSecret),
      );
    }
    const exported = await witness.call(member, "export", { stateId, ...request });
    if (exported) {
      witness.same(
        `epoch ${model.epoch}: ${member.name} exports`,
        exported.exportedSecret,
        (expected.exported ??= exported.exportedSecret),
      );
    }
  }
}

async function sendAndRead(play: Play, sender: Member): Promise<void> {
  const letter = await send(play, sender);
  if (letter === undefined) return;
  for (const member of play.model.others(sender)) await read(play, member, letter);
}

/** A message of this member, not delivered to anybody yet. */
export async function send({ model, random, witness }: Play, sender: Member): Promise<Letter | undefined> {
  const plaintext = random.bytes(random.below(64));
  const authenticatedData = random.bytes(random.below(16));
  const sent = await witness.call(sender, "protect", { stateId: sender.stateId, authenticatedData, plaintext });
  if (sent === undefined) return undefined;
  const generation = sender.sent++;
  const { ciphertext } = sent;
  return { sender: sender.person, epoch: model.epoch, generation, ciphertext, plaintext, authenticatedData };
}

/** Opens a letter, unless it has come too late for this member. */
export async function read({ model, witness, counts }: Play, member: Member, letter: Letter): Promise<void> {
  member.inbox = member.inbox.filter((other) => other !== letter);
  if (!member.canRead(letter, model.epoch)) return;
  const tags = [`from:${letter.sender.peer.name}`, letter.epoch === model.epoch ? "epoch:present" : "epoch:past"];
  if (member.spoiled.has(letter)) tags.push("after:altered");
  const request = { stateId: member.stateId, ciphertext: letter.ciphertext };
  const opened = await witness.call(member, "unprotect", request, tags);
  if (opened === undefined) return;
  const what = `${member.name} reads message ${letter.generation} of ${letter.sender.name} in epoch ${letter.epoch}`;
  witness.same(`${what}, plaintext`, opened.plaintext, letter.plaintext);
  witness.same(`${what}, authenticated data`, opened.authenticatedData, letter.authenticatedData);
  member.noteRead(letter);
  counts.read++;
}
