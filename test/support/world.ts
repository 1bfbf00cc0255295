// One group with all of its clients, played step by step beside the model of it. At every point where a
// program could end, a member may die.
import { expect } from "vitest";
import {
  acceptAnyCredential,
  type Authenticate,
  basicCredential,
  Client,
  type CommitEffects,
  type CommitOptions,
  type Engine,
  type Group,
  MlsError,
  type ProposalOptions,
  PublicGroup,
  type SuitePlugin,
} from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { GroupModel, modelLimits } from "./groupmodel.ts";
import { Mortal, stateOf, type Surroundings } from "./mortal.ts";

const text = new TextDecoder();
const storageKey = new Uint8Array(32).fill(11);

/** Who comes and who goes by a commit. */
export interface Change {
  readonly gone?: readonly string[];
  readonly come?: readonly string[];
  /** Who comes by themselves, which is no Add. */
  readonly isExternal?: boolean;
}

/** A message on its way. */
interface Letter {
  readonly message: Uint8Array;
  readonly text: string;
  readonly epoch: bigint;
  readonly sender: string;
}

export function named(code: string): unknown {
  return expect.objectContaining({ code });
}

/** See the head of the file. */
export class World {
  readonly engine: Engine;
  suite: number;
  members: Mortal[];
  model: GroupModel;
  /** Names of the members who hold an external PSK, by its number. */
  readonly holders = new Map<number, Set<string>>();
  letters: Letter[] = [];
  /** Sees every handshake from outside, where all of them are public. */
  follower: PublicGroup | undefined;
  readonly #isPublic: boolean;
  #fates = 0;
  #made = 0;
  #letters = 0;

  constructor(engine: Engine, suite: number, size: number, isPublic: boolean) {
    this.engine = engine;
    this.suite = suite;
    this.#isPublic = isPublic;
    const founder = this.newClient();
    this.members = [this.keep(founder, founder.client.createGroup("world"))];
    this.model = new GroupModel([founder.name], 0n);
    this.follow();
    if (size > 1) this.add(this.members[0]!, size - 1, true);
  }

  /** Somebody outside begins to follow the group. */
  follow(): void {
    this.follower?.close();
    if (!this.#isPublic) return;
    this.follower = PublicGroup.follow(this.members[0]!.group.groupInfo(), this.#outside());
  }

  #outside(): { authenticate: Authenticate; engine: Engine; suites: SuitePlugin[] } {
    return { authenticate: acceptAnyCredential, engine: this.engine, suites: [...nist, ...x448] };
  }

  /** The follower takes a handshake; it can die as well. */
  #show(message: Uint8Array): void {
    if (this.follower === undefined) return;
    const followed = this.follower.receive(message);
    if (followed.kind === "commit") followed.commit.accept();
    if (!this.#isFated()) return;
    const saved = this.follower.save();
    this.follower.close();
    this.follower = PublicGroup.restore(saved, this.#outside());
    expect(this.follower.save()).toEqual(saved);
  }

  /** A member proposes something, and all others take note. */
  propose(proposer: Mortal, options: ProposalOptions): void {
    const proposal = proposer.group.propose(options);
    this.point(proposer);
    this.#show(proposal);
    for (const member of this.others(proposer)) {
      expect(member.group.receive(proposal).kind).toBe("proposal");
      this.point(member);
    }
  }

  /** A member adds as many newcomers. */
  add(actor: Mortal, count: number, path: boolean): void {
    const newcomers = Array.from({ length: count }, () => this.newClient());
    const add = newcomers.map(({ client }) => client.keyPackage());
    const welcome = this.commit(actor, { add, path }, { come: newcomers.map(({ name }) => name) })!;
    for (const each of newcomers) this.members.push(this.keep(each, each.client.join(welcome).accept()));
  }

  /** The bits that decide who dies at the points of the next step. */
  begin(fates: number): void {
    this.#fates = fates;
  }

  /** A point where a program could end: whether this member was killed there. */
  point(member: Mortal): boolean {
    const anew = (this.#fates & 4) === 4;
    const dies = this.#isFated();
    if (dies) member.die(anew);
    return dies;
  }

  #isFated(): boolean {
    const dies = (this.#fates & 3) === 3;
    this.#fates >>>= 3;
    return dies;
  }

  at(index: number): Mortal {
    return this.members[index % this.members.length]!;
  }

  others(than: Mortal): Mortal[] {
    return this.members.filter((member) => member !== than);
  }

  surroundings(number: number): Surroundings {
    return {
      authenticate: acceptAnyCredential,
      engine: this.engine,
      suites: [...nist, ...x448],
      storageKey,
      handshakeFormat: this.#isPublic || number % 3 === 0 ? "public" : "private",
      limits: modelLimits,
    };
  }

  newClient(name = `${this.#made++}`): { name: string; client: Client; surroundings: Surroundings } {
    const surroundings = this.surroundings(Number(name));
    const credential = basicCredential(name);
    return { name, client: Client.create({ ...surroundings, credential, cipherSuite: this.suite }), surroundings };
  }

  keep({ name, client, surroundings }: ReturnType<World["newClient"]>, group: Group): Mortal {
    return new Mortal(name, client, group, surroundings);
  }

  /** A member commits, all others take it, and newcomers join by its Welcome. */
  commit(actor: Mortal, options: CommitOptions, change: Change = {}, included = 0): Uint8Array | undefined {
    const made = actor.group.commit(options);
    const { commit, welcomes } = made;
    expect(made.included).toHaveLength(included);
    expect(made.dropped).toEqual([]);
    this.point(actor);
    this.deliver(commit, this.others(actor), change);
    const pending = actor.group.pendingCommit!;
    this.#expectEffects(pending, change);
    pending.accept();
    this.point(actor);
    this.enter(change);
    return welcomes[0];
  }

  /** These members accept a commit, whoever dies before or after that. */
  deliver(commit: Uint8Array, to: readonly Mortal[], change: Change): void {
    this.#show(commit);
    for (const member of to) {
      let received = member.group.receive(commit);
      // What was staged is lost; the commit can be received again (MLS-9.2-06).
      if (this.point(member)) received = member.group.receive(commit);
      if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
      this.#expectEffects(received.commit, change);
      const { joined } = received.commit;
      expect(joined && text.decode(joined.identity)).toBe(change.isExternal === true ? change.come![0] : undefined);
      expect(received.commit.removesUs).toBe(change.gone?.includes(member.name) ?? false);
      received.commit.accept();
      if (!member.group.isClosed) this.point(member);
    }
  }

  #expectEffects({ added, removed }: CommitEffects, { gone = [], come = [], isExternal = false }: Change): void {
    const names = (list: CommitEffects["added"]): string[] => list.map(({ identity }) => text.decode(identity));
    expect(names(added)).toEqual(isExternal ? [] : come);
    expect(names(removed)).toEqual(gone);
    for (const { leafIndex, identity } of removed) expect(leafIndex).toBe(this.model.leafOf(text.decode(identity)));
  }

  /** The model's next epoch begins. */
  enter({ gone = [], come = [] }: Change): void {
    this.model.commit(gone, come);
    this.members = this.members.filter(({ name }) => !gone.includes(name));
  }

  /** A refusal with this code, which changes nothing. */
  expectRefused(member: Mortal, code: string, run: () => unknown): void {
    const before = stateOf(member.group);
    expect(run).toThrow(named(code));
    expect(stateOf(member.group)).toEqual(before);
  }

  /** Everybody reads a message; nobody reads it twice, not even after a death. */
  talk(actor: Mortal): void {
    const first = this.#seal(actor);
    this.point(actor);
    const second = this.#seal(actor);
    for (const member of this.others(actor)) {
      // In either order.
      for (const letter of this.point(member) ? [second, first] : [first, second]) {
        this.#read(member, letter);
        this.point(member);
        expect(() => member.group.receive(letter.message)).toThrow(named("ERR_RATCHET"));
      }
    }
  }

  /** A message that arrives later. */
  post(actor: Mortal): void {
    this.letters.push(this.#seal(actor));
  }

  /** The oldest message on its way comes to all who are there now: those who can read it do. */
  receivePost(): void {
    const letter = this.letters.shift();
    if (letter === undefined) return;
    for (const member of this.members) {
      if (member.name === letter.sender) continue;
      this.point(member);
      if (this.model.reads(member.name, letter.epoch)) this.#read(member, letter);
      else this.expectRefused(member, "ERR_WRONG_EPOCH", () => member.group.receive(letter.message));
    }
  }

  #seal({ name, group }: Mortal): Letter {
    const content = `message ${this.#letters++}`;
    const message = group.encrypt(content, { despiteProposals: true });
    return { message, text: content, epoch: group.epoch, sender: name };
  }

  #read({ group }: Mortal, letter: Letter): void {
    const received = group.receive(letter.message);
    expect(received.kind === "application" && text.decode(received.data)).toBe(letter.text);
  }

  /** Whether all members and the model see the same group. */
  check(): void {
    const [first, ...others] = this.members.map(({ group }) => group);
    const { model } = this;
    expect(first!.members().map(({ leafIndex, identity }) => [leafIndex, text.decode(identity)])).toEqual(
      model.members,
    );
    expect(this.members.map(({ name }) => name).sort()).toEqual(model.members.map(([, name]) => name).sort());
    for (const { name, group } of this.members) {
      expect(group.ownLeafIndex).toBe(model.leafOf(name));
      expect(group.epoch).toBe(model.epoch);
      expect(group.state.cache.size).toBe(0);
    }
    const { follower } = this;
    if (follower !== undefined) {
      expect(follower.epoch).toBe(model.epoch);
      expect(follower.members()).toEqual(first!.members());
      expect(follower.confirmationTag).toEqual(first!.state.epoch.confirmationTag);
      expect(follower.ratchetTree()).toEqual(first!.ratchetTree());
    }
    for (const other of others) {
      expect(other.epochAuthenticator).toEqual(first!.epochAuthenticator);
      expect(other.state.tree.export()).toEqual(first!.state.tree.export());
    }
  }

  close(): void {
    this.follower?.close();
    for (const { client } of this.members) client.close();
  }
}

/** Somebody who was removed is out of it. DEF-03 */
export function expectGone({ group }: Mortal, still: Mortal): void {
  expect(group.isClosed).toBe(true);
  const message = still.group.encrypt("not for you");
  expect(() => group.receive(message)).toThrow(MlsError);
}
