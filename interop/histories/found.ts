// How a history begins.

import { checkEpoch } from "./checks.ts";
import { identityOf, Member } from "./model.ts";
import { offers, type Play } from "./play.ts";

/** Somebody founds a group: the first, or another one when nobody could go on in the last. */
export async function foundGroup(play: Play): Promise<void> {
  const { model, random, witness, peers } = play;
  const person = model.newPerson(random.pick(peers.filter((peer) => offers(peer, "createGroup"))));
  const created = await witness.call(person, "createGroup", {
    groupId: random.bytes(16),
    cipherSuite: model.cipherSuite,
    encryptHandshake: person.encryptsHandshake,
    identity: identityOf(person),
  });
  if (created === undefined) throw new TypeError("no group");
  model.found(new Member(person, created.stateId, 0));
  await checkEpoch(play);
}
