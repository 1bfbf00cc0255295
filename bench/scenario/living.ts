// A group that lives: its tree is filled, members come and go, messages pass.
import type { Contest, Contestant } from "./contest.ts";
import { Stage } from "./contest.ts";
import { fillGroup, placesIn } from "./filled.ts";
import { type HostedGroup, requireSame } from "./hosted.ts";
import { exchangeMessages } from "./messages.ts";
import type { Facts, Party, Reply } from "./protocol.ts";

/** One implementation's member and the host's copy of the group that it is in. */
interface Session {
  readonly contestant: Contestant;
  readonly member: string;
  readonly group: HostedGroup;
  readonly visitor: number;
}

/** `join-filled`, `commit-filled`, `process-filled`, one member added and removed, messages, save and restore. */
export async function livingStage(contest: Contest, members: number): Promise<void> {
  const { host, plan } = contest;
  const stage = new Stage(contest, members);
  const rounds = plan.rounds(members);
  const filled = fillGroup(host, members);
  const saved = host.keep(filled);
  contest.moments.set(members, saved);
  filled.close();

  const sessions: Session[] = [];
  for (let round = 0; round < rounds; round++) {
    await contest.round(members, "entering", round);
    for (const contestant of stage.contestants) {
      if (round > 0 && stage.hasEnough(contestant)) continue;
      const session = await enter(stage, contestant, saved, round);
      // The one who entered first stays.
      if (round === 0 && session !== undefined) sessions.push(session);
      else if (session !== undefined) await leave(stage, session);
    }
  }
  stage.forgetSpent();
  for (let round = 0; round < rounds; round++) {
    await contest.round(members, "living", round);
    await playRound(
      stage,
      sessions.filter(({ contestant }) => !stage.hasEnough(contestant)),
    );
  }
  for (const session of sessions) await leave(stage, session);
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

async function enter(
  stage: Stage,
  contestant: Contestant,
  saved: Uint8Array,
  round: number,
): Promise<Session | undefined> {
  const { host } = stage.contest;
  const { measured, visitor } = placesIn(stage.members);
  const member = `resident-${round}`;
  const group = host.goOn(saved);
  const joined = await stage.measure(contestant, "join-filled", async (party) => {
    const { keyPackage } = await party.ask("keyPackage", { member });
    const added = group.commit({ add: [keyPackage], path: false });
    const reply = await party.ask("join", { member, welcome: added.welcome! });
    requireSame(reply, added);
    return reply;
  });
  const session = { contestant, member, group, visitor };
  if (joined === undefined) return undefined;
  // Its neighbour commits, so that it is no unmerged leaf any more.
  await hear(stage, session, measured - 1);
  return session;
}

async function leave(stage: Stage, { contestant, member, group }: Session): Promise<void> {
  await stage.attempt(contestant, "join-filled", (party) => party.ask("close", { member }));
  group.close();
}

/** The member processes a path commit of somebody else, unmeasured. */
async function hear(stage: Stage, { contestant, member, group }: Session, committer: number): Promise<void> {
  await stage.attempt(contestant, "process-filled", async (party) => {
    group.become(committer);
    await processed(party, member, group.commit());
  });
}

async function processed(
  party: Party,
  member: string,
  committed: Facts & { readonly commit: Uint8Array },
): Promise<Reply<"process">> {
  const reply = await party.ask("process", { member, commit: committed.commit });
  requireSame(reply, committed);
  return reply;
}

/** Every operation once, each by all implementations in turn. The tree is filled before each of them. */
async function playRound(stage: Stage, sessions: readonly Session[]): Promise<void> {
  const { host } = stage.contest;
  const each = async (step: (session: Session) => Promise<unknown>): Promise<void> => {
    for (const session of sessions) await step(session);
  };
  // Somebody whose key package nobody has used in these groups.
  const visitor = host.extras(stage.members)[stage.members - 1]!.keyPackage;

  await each(({ contestant, member, group }) =>
    stage.measure(contestant, "add-one-receive", (party) =>
      processed(party, member, group.commit({ add: [visitor], path: false })),
    ),
  );
  await each(({ contestant, member, group, visitor: place }) =>
    stage.measure(contestant, "process-filled", (party) => {
      group.become(place - 1);
      return processed(party, member, group.commit());
    }),
  );
  await each(({ contestant, member, group }) =>
    stage.measure(contestant, "commit-filled", (party) => commit(party, member, group, {})),
  );
  await each(({ contestant, member, group, visitor: place }) =>
    stage.measure(contestant, "remove-one-receive", (party) => {
      group.become(0);
      return processed(party, member, group.commit({ remove: [place] }));
    }),
  );
  await each((session) => hear(stage, session, session.visitor - 1));
  await each(({ contestant, member, group }) =>
    stage.measure(contestant, "add-one-send", (party) => commit(party, member, group, { add: [visitor], path: false })),
  );
  await each((session) => hear(stage, session, session.visitor - 1));
  await each(({ contestant, member, group, visitor: place }) =>
    stage.measure(contestant, "remove-one-send", (party) => commit(party, member, group, { remove: [place] })),
  );
  await each((session) => hear(stage, session, session.visitor - 1));
  await each(({ contestant, member, group }) => exchangeMessages(stage, contestant, member, group));
  await each(({ contestant, member, group }) => saveAndRestore(stage, contestant, member, group));
}

async function commit(
  party: Party,
  member: string,
  group: HostedGroup,
  changes: { readonly add?: readonly Uint8Array[]; readonly remove?: readonly number[]; readonly path?: boolean },
): Promise<Reply<"commit">> {
  const { add = [], remove = [], path = true } = changes;
  // The tree in the Welcome would be all that is measured when one member is added.
  const reply = await party.ask("commit", { member, add, remove, path, treeInWelcome: false });
  group.follow(reply.commit, reply);
  return reply;
}

async function saveAndRestore(stage: Stage, contestant: Contestant, member: string, group: HostedGroup): Promise<void> {
  if (!stage.wants("save", "restore")) return;
  await stage.measure(contestant, "save", (party) => party.ask("save", { member }));
  await stage.measure(contestant, "restore", async (party) => {
    const reply = await party.ask("restore", { member });
    requireSame(reply, group.facts);
    return reply;
  });
}
