// A group that lives: its tree is filled, members come and go, messages pass.
import { type Contest, type Contestant, Stage } from "./contest.ts";
import { fillGroup, placesIn } from "./filled.ts";
import { requireSame } from "./hosted.ts";
import { exchangeMessages } from "./messages.ts";
import { Session } from "./session.ts";

/** `join-filled`, `commit-filled`, `process-filled`, one member added and removed, messages, save and restore. */
export async function livingStage(contest: Contest, members: number): Promise<void> {
  const { host, plan } = contest;
  const stage = new Stage(contest, members);
  const rounds = plan.rounds(members);
  const filled = fillGroup(host, members);
  const saved = host.keep(filled);
  contest.moments.set(members, saved);
  filled.close();

  const sessions = new Map<Contestant, Session>();
  for (let round = 0; round < rounds; round++) {
    await contest.round(members, "entering", round);
    for (const contestant of stage.contestants) {
      if (round > 0 && stage.hasEnough(contestant)) continue;
      const session = await enter(stage, contestant, saved, `resident-${round}`);
      if (session === undefined) continue;
      // The one who entered last stays.
      await sessions.get(contestant)?.leave();
      sessions.set(contestant, session);
    }
  }
  stage.forgetSpent();
  for (let round = 0; round < rounds; round++) {
    await contest.round(members, "living", round);
    const playing = [...sessions].filter(([contestant]) => round === 0 || !stage.hasEnough(contestant));
    for (const [contestant, session] of playing) {
      if (stage.contestants.includes(contestant)) continue;
      session.abandon();
      stage.readmit(contestant);
      const again = await enter(stage, contestant, saved, `resident-again-${round}`);
      if (again === undefined) sessions.delete(contestant);
      else sessions.set(contestant, again);
    }
    await playRound(playing.flatMap(([contestant]) => sessions.get(contestant) ?? []));
  }
  for (const session of sessions.values()) await session.leave();
}

/** Only messages: for the smallest of groups. */
export async function messageStage(contest: Contest, members: number): Promise<void> {
  const { host, plan } = contest;
  const stage = new Stage(contest, members);
  const rounds = plan.rounds(members);
  for (let round = 0; round < rounds; round++) {
    await contest.round(members, "living", round);
    for (const contestant of stage.contestants) {
      await stage.attempt(contestant, "encrypt-100", async (party) => {
        const member = `talker-${round}`;
        const { keyPackage } = await party.ask("keyPackage", { member });
        const group = host.found();
        const extras = host.extras(members - 2).map((extra) => extra.keyPackage);
        const added = group.commit({ add: [...extras, keyPackage], path: false });
        requireSame(await party.ask("join", { member, welcome: added.welcome! }), added);
        await exchangeMessages(stage, contestant, member, group);
        await party.ask("close", { member });
        group.close();
      });
    }
  }
}

/** Joins a filled group that goes on from `saved`; undefined when the contestant fails at it. */
async function enter(
  stage: Stage,
  contestant: Contestant,
  saved: Uint8Array,
  member: string,
): Promise<Session | undefined> {
  const { measured, visitor } = placesIn(stage.members);
  const group = stage.contest.host.goOn(saved);
  const joined = await stage.measure(contestant, "join-filled", async (party) => {
    const { keyPackage } = await party.ask("keyPackage", { member });
    const added = group.commit({ add: [keyPackage], path: false });
    const reply = await party.ask("join", { member, welcome: added.welcome! });
    requireSame(reply, added);
    return reply;
  });
  if (joined === undefined) return undefined;
  const session = new Session(stage, contestant, member, group, visitor);
  // Its neighbour commits, so that it is no unmerged leaf any more.
  await session.hearPath(measured - 1);
  return session;
}

/** Every operation once, each by all implementations in turn. The tree is filled before each of them. */
async function playRound(sessions: readonly Session[]): Promise<void> {
  const each = async (step: (session: Session) => Promise<unknown>): Promise<void> => {
    for (const session of sessions) await step(session);
  };
  await each((session) => session.hearVisitorAdded());
  await each((session) => session.hearNeighbour());
  await each((session) => session.commitPath());
  await each((session) => session.hearVisitorRemoved());
  await each((session) => session.refill());
  await each((session) => session.addVisitor());
  await each((session) => session.refill());
  await each((session) => session.talk());
  await each((session) => session.saveAndRestore());
  await each((session) => session.removeVisitor());
  await each((session) => session.refill());
}
