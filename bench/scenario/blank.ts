// Groups that have just been founded: nobody has committed yet, every parent node is blank.
import type { HandshakeFormat } from "../../bindings/index.ts";
import { type Contest, type Contestant, Stage } from "./contest.ts";
import { type Host, identityOf } from "./host.ts";
import { type Committed, requireSame } from "./hosted.ts";
import type { Party } from "./protocol.ts";

/** Below this size the newcomers of every round get a group of their own, so that it has the size it should. */
const SHARED_FROM = 1000;

const pathAlone = { add: [], remove: [], path: true, treeInWelcome: true };

/** One implementation's part in one round: a member who commits, and one who processes. */
interface Turn {
  readonly contestant: Contestant;
  readonly round: number;
  readonly committer: string;
  readonly processor: string;
  readonly keyPackages: readonly Uint8Array[];
}

/** `add-many`, `join-blank`, `commit-blank`, `process-blank`, `join-one-path`. */
export async function blankStage(contest: Contest, members: number): Promise<void> {
  const stage = new Stage(contest, members);
  const rounds = contest.plan.rounds(members);
  if (stage.wants("add-many")) {
    for (let round = 0; round < rounds; round++) {
      await contest.round(members, "adding", round);
      for (const contestant of stage.contestants) {
        if (!stage.hasEnough(contestant)) await addMany(stage, contestant, `adder-${round}`);
      }
    }
  }
  if (!stage.wants("join-blank", "commit-blank", "process-blank", "join-one-path")) return;
  // Whoever cannot add many may still be able to join.
  const joining = new Stage(contest, members);
  const perGroup = members < SHARED_FROM ? 1 : Infinity;
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contestant of joining.contestants) {
      const turn = await prepare(joining, contestant, round);
      if (turn !== undefined) turns.push(turn);
    }
  }
  for (let at = 0; at < turns.length; at += perGroup) {
    await playIn(joining, turns.slice(at, at + perGroup));
  }
}

async function addMany(stage: Stage, contestant: Contestant, member: string): Promise<void> {
  const { host } = stage.contest;
  const keyPackages = host.extras(stage.members - 1).map(({ keyPackage }) => keyPackage);
  await stage.measure(contestant, "add-many", async (party) => {
    const reply = await party.ask("addMany", { member, keyPackages });
    if (reply.members !== stage.members) throw new Error(`${reply.members} members instead of ${stage.members}`);
    host.checkWelcome(reply.welcome, reply);
    await party.ask("close", { member });
    return reply;
  });
}

async function prepare(stage: Stage, contestant: Contestant, round: number): Promise<Turn | undefined> {
  const [committer, processor] = ["committer", "processor"].map((role) => nameOf(contestant, role, round)) as [
    string,
    string,
  ];
  const keyPackages = await stage.attempt(contestant, "join-blank", async (party) => [
    (await party.ask("keyPackage", { member: committer })).keyPackage,
    (await party.ask("keyPackage", { member: processor })).keyPackage,
  ]);
  return keyPackages && { contestant, round, committer, processor, keyPackages };
}

/** A name that nobody else has, in the form of `identityOf`: all implementations may be in one group. */
function nameOf({ description }: Contestant, role: string, round: number): string {
  const who = `${description.implementation}, ${description.runtime}`.replaceAll(/[^a-z0-9]+/gi, "-");
  return identityOf(0).replace("@", `@${role}-${round}.${who}.`);
}

/** All turns in one group, in the order of their rounds. */
async function playIn(stage: Stage, turns: readonly Turn[]): Promise<void> {
  const { contest, members } = stage;
  const { host } = contest;
  const newcomers = turns.flatMap(({ keyPackages }) => keyPackages);
  const extras = host.extras(members - 1 - newcomers.length).map(({ keyPackage }) => keyPackage);
  const group = host.found();
  const founded = group.commit({ add: [...extras, ...newcomers], path: false });
  const blank = host.keep(group);
  group.close();
  // The same path commit in both forms, each from where the group is now.
  const withPath = { private: pathFrom(host, blank, "private"), public: pathFrom(host, blank, "public") };

  for (const round of new Set(turns.map((turn) => turn.round))) {
    await contest.round(members, "blank", round);
    const here = turns.filter((turn) => turn.round === round && !stage.hasEnough(turn.contestant));
    const welcome = founded.welcome!;
    for (const { contestant, committer } of here) await joinGroup(stage, contestant, committer, welcome, founded);
    for (const { contestant, processor } of here) await joinGroup(stage, contestant, processor, welcome, founded);
    for (const { contestant, committer } of here) {
      await stage.measure(contestant, "commit-blank", async (party) => {
        const reply = await party.ask("commit", { member: committer, ...pathAlone });
        const counterpart = host.goOn(blank);
        counterpart.follow(reply.commit, reply);
        counterpart.close();
        return reply;
      });
    }
    for (const { contestant, processor } of here) {
      await stage.measure(contestant, "process-blank", async (party) => {
        const { committed } = withPath[contestant.description.handshakes ?? "private"];
        const reply = await party.ask("process", { member: processor, commit: committed.commit });
        requireSame(reply, committed);
        return reply;
      });
    }
    if (stage.wants("join-one-path")) {
      for (const { contestant } of here)
        await joinAfterOnePath(stage, contestant, withPath.private.saved, nameOf(contestant, "late", round));
    }
    for (const { contestant, committer, processor } of here) {
      await stage.attempt(contestant, "process-blank", (party) => closeAll(party, [committer, processor]));
    }
  }
}

/** The creator's path commit, and the group after it. */
function pathFrom(host: Host, blank: Uint8Array, format: HandshakeFormat): { committed: Committed; saved: Uint8Array } {
  const group = host.goOn(blank);
  const committed = group.commit({ format });
  const saved = host.keep(group);
  group.close();
  return { committed, saved };
}

async function joinGroup(
  stage: Stage,
  contestant: Contestant,
  member: string,
  welcome: Uint8Array,
  founded: Committed,
): Promise<void> {
  await stage.measure(contestant, "join-blank", async (party) => {
    const reply = await party.ask("join", { member, welcome });
    requireSame(reply, founded);
    return reply;
  });
}

/** One more member, added without a path after the creator's first one. */
async function joinAfterOnePath(
  stage: Stage,
  contestant: Contestant,
  onePath: Uint8Array,
  member: string,
): Promise<void> {
  const { host } = stage.contest;
  await stage.measure(contestant, "join-one-path", async (party) => {
    const { keyPackage } = await party.ask("keyPackage", { member });
    const group = host.goOn(onePath);
    const added = group.commit({ add: [keyPackage], path: false });
    group.close();
    const reply = await party.ask("join", { member, welcome: added.welcome! });
    requireSame(reply, added);
    await party.ask("close", { member });
    return reply;
  });
}

async function closeAll(party: Party, members: readonly string[]): Promise<void> {
  for (const member of members) await party.ask("close", { member });
}
