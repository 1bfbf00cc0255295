// How a group goes on in another one, by re-initialization or as a branch, beside the model.
import { expect } from "vitest";
import type { Subgroup } from "../../bindings/index.ts";
import { GroupModel } from "./groupmodel.ts";
import { Mortal } from "./mortal.ts";
import { named, type World } from "./world.ts";

/** How a group is re-initialized. */
export interface ReInitStep {
  readonly who: number;
  /** Who makes the successor. */
  readonly maker: number;
  readonly byReference: boolean;
  /** The successor has another cipher suite, and so its members are other clients. */
  readonly otherSuite: boolean;
  readonly path: boolean;
  readonly treeInWelcome: boolean;
}

/** The group ends, and all of its members go on in the successor. */
export function reInit(world: World, step: ReInitStep): void {
  const actor = world.at(step.who);
  const cipherSuite = step.otherSuite ? (world.suite === 1 ? 3 : 1) : world.suite;
  if (step.byReference && world.members.length > 1) {
    const proposer = world.others(actor)[0]!;
    world.propose(proposer, { reInit: { cipherSuite } });
    world.commit(actor, {}, {}, 1);
  } else {
    world.commit(actor, { reInit: { cipherSuite } });
  }
  for (const { group } of world.members) {
    expect(group.closedBy).toBe("reinitialized");
    expect(group.reInit).toEqual(actor.group.reInit);
    expect(() => group.encrypt("too late")).toThrow(named("ERR_STATE_CLOSED"));
    expect(() => group.commit()).toThrow(named("ERR_STATE_CLOSED"));
  }
  if (world.follower !== undefined) {
    expect(world.follower.reInit).toEqual(actor.group.reInit);
    const nothing = new Uint8Array(0);
    expect(() => world.follower!.receive(nothing)).toThrow(named("ERR_STATE_CLOSED"));
  }
  world.receivePost();
  world.letters = [];

  world.suite = cipherSuite;
  if (step.otherSuite) world.holders.clear();
  const before = world.members;
  const clients = before.map((member) => (step.otherSuite ? world.newClient(member.name) : member));
  const maker = step.maker % before.length;
  const guests = clients.filter((_, i) => i !== maker);
  const { group, welcomes } = clients[maker]!.client.createSuccessor(before[maker]!.group, {
    add: guests.map(({ client }) => client.keyPackage()),
    path: step.path,
    treeInWelcome: step.treeInWelcome,
  });
  const joinOptions = step.treeInWelcome ? {} : { ratchetTree: group.ratchetTree() };
  const after = clients.map(({ name, client, surroundings }, i) => {
    const old = before[i]!.group;
    // A client finds its own old group by itself.
    const resumes = step.otherSuite || step.path ? { resumes: old } : {};
    const joined = i === maker ? group : client.join(welcomes[0]!, { ...joinOptions, ...resumes }).accept();
    return { name, client, surroundings, joined };
  });
  for (const [i, member] of before.entries()) {
    member.group.close();
    if (step.otherSuite) member.client.close();
    const { name, client, surroundings, joined } = after[i]!;
    if (step.otherSuite) before[i] = new Mortal(name, client, joined, surroundings);
    else member.begin(joined);
  }
  world.members = before;
  world.follow();
  world.model = new GroupModel([clients[maker]!.name, ...guests.map(({ name }) => name)], 1n);
}

/** Some members go on in a branch for a while; the group stays as it is. */
export function branch(world: World, who: number, mask: number): void {
  const maker = world.at(who);
  const guests = world.others(maker).filter((_, i) => (mask >> i) % 2 === 1);
  const extra = world.newClient();
  const add = guests.map(({ client }) => client.keyPackage());
  const make = (keyPackages: readonly Uint8Array[]): Subgroup =>
    maker.client.createBranch(maker.group, { groupId: "side", add: keyPackages });
  // MLS-12.4.3.1-25: nobody but members
  expect(() => make([...add, extra.client.keyPackage()])).toThrow(named("ERR_USAGE"));
  extra.client.close();
  const { group, welcomes } = make(add);
  const groups = [group, ...guests.map(({ client }) => client.join(welcomes[0]!).accept())];
  const model = new GroupModel([maker.name, ...guests.map(({ name }) => name)], 1n);
  const commit = groups.at(-1).commit();
  for (const other of groups.slice(0, -1)) {
    const received = other.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
  }
  commit.accept();
  model.commit([], []);
  const text = new TextDecoder();
  for (const side of groups) {
    expect(side.epoch).toBe(model.epoch);
    expect(side.epochAuthenticator).toEqual(group.epochAuthenticator);
    expect(side.members().map(({ leafIndex, identity }) => [leafIndex, text.decode(identity)])).toEqual(model.members);
  }
  for (const side of groups) side.close();
}
