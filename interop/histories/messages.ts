// Steps with application messages: they arrive late, out of order, and in later epochs.

import { read, send } from "./checks.ts";
import type { Play } from "./play.ts";

/** A member sends a few messages; everyone else will get them at some time. */
export async function sendMessages(play: Play): Promise<void> {
  const { model, random } = play;
  const sender = random.pick(model.members);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const letter = await send(play, sender);
    if (letter === undefined) return;
    for (const member of model.others(sender)) member.inbox.push(letter);
  }
}

/** Some members read some of what has arrived, in any order. */
export async function deliver(play: Play): Promise<void> {
  const { model, random } = play;
  for (const member of random.some(model.members, 1 + random.below(model.members.length))) {
    for (const letter of random.some(member.inbox, 1 + random.below(6))) await read(play, member, letter);
  }
}
