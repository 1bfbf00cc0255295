// Random histories of a whole group over the public API, against a model of who is in it and what they hold.
// At every point where a program could end, a member may be killed and restored; that changes nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine, MlsError, type PskReference } from "../../bindings/index.ts";
import { type Mortal, stateOf } from "../support/mortal.ts";
import { branch, reInit } from "../support/succession.ts";
import { expectGone, World } from "../support/world.ts";

const LONG = typeof process !== "undefined" && process.env["GROVE_LONG"] === "1";
const MOST_MEMBERS = 12;

/** Whose step it is; and the bits that say who dies at which of its points. */
const common = { who: fc.nat(1000), fates: fc.oneof(fc.constant(0), fc.nat(2 ** 31 - 1)) };
const simple = fc.record({
  kind: fc.constantFrom("add", "addOnly", "update", "refresh", "talk", "post", "receivePost", "discard", "race"),
  ...common,
});
const remove = fc.record({ kind: fc.constant("remove"), whom: fc.nat(1000), ...common });
const mutate = fc.record({ kind: fc.constant("mutate"), at: fc.nat(), bit: fc.nat(7), ...common });
const joinExternal = fc.record({
  kind: fc.constantFrom("joinExternal", "resync"),
  inside: fc.boolean(),
  psk: fc.boolean(),
  isLost: fc.boolean(),
  ...common,
});
const externalPsk = fc.record({
  kind: fc.constant("externalPsk"),
  psk: fc.nat(2),
  byReference: fc.boolean(),
  /** A member who has to learn it first. */
  ignorant: fc.nat(1000),
  ...common,
});
const resumptionPsk = fc.record({
  kind: fc.constant("resumptionPsk"),
  /** Epochs back; below 0, an epoch to come. */
  back: fc.integer({ min: -1, max: 5 }),
  ...common,
});
const reInitStep = fc.record({
  kind: fc.constant("reInit"),
  maker: fc.nat(1000),
  byReference: fc.boolean(),
  otherSuite: fc.boolean(),
  path: fc.boolean(),
  treeInWelcome: fc.boolean(),
  ...common,
});
const branchStep = fc.record({ kind: fc.constant("branch"), mask: fc.nat(2 ** 12), ...common });
const step = fc.oneof(
  { weight: 10, arbitrary: simple },
  { weight: 2, arbitrary: remove },
  { weight: 2, arbitrary: mutate },
  { weight: 4, arbitrary: joinExternal },
  { weight: 2, arbitrary: externalPsk },
  { weight: 2, arbitrary: resumptionPsk },
  { weight: 1, arbitrary: reInitStep },
  { weight: 1, arbitrary: branchStep },
);
const steps = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(step, { minLength: 5, maxLength, size: "large" });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type StepOf<Kind extends Step["kind"]> = Extract<Step, { readonly kind: Kind }>;

function play(world: World, action: Step): void {
  const actor = world.at(action.who);
  switch (action.kind) {
    case "add":
    case "addOnly":
      if (world.members.length < MOST_MEMBERS) world.add(actor, 1, action.kind === "add");
      break;
    case "update":
      update(world, actor);
      break;
    case "refresh":
      world.commit(actor, {});
      break;
    case "talk":
      world.talk(actor);
      break;
    case "post":
      world.post(actor);
      break;
    case "receivePost":
      world.receivePost();
      break;
    case "discard":
      discard(world, actor);
      break;
    case "race":
      race(world, actor);
      break;
    case "remove": {
      const victim = world.at(action.whom);
      if (victim === actor) return;
      world.commit(actor, { remove: [victim.group.ownLeafIndex] }, { gone: [victim.name] });
      expectGone(victim, actor);
      victim.client.close();
      break;
    }
    case "mutate":
      changed(world, actor, action);
      break;
    case "joinExternal":
      enterFromOutside(world, actor, action);
      break;
    case "resync":
      comeBack(world, actor, action);
      break;
    case "externalPsk":
      useExternalPsk(world, actor, action);
      break;
    case "resumptionPsk":
      useResumptionPsk(world, actor, action.back);
      break;
    case "reInit":
      reInit(world, action);
      break;
    case "branch":
      branch(world, action.who, action.mask);
      break;
  }
}

function update(world: World, actor: Mortal): void {
  const committer = world.others(actor)[0];
  if (committer === undefined) return;
  world.propose(actor, { update: {} });
  world.commit(committer, {}, {}, 1);
}

function discard(world: World, actor: Mortal): void {
  const before = stateOf(actor.group);
  actor.group.commit();
  world.point(actor);
  actor.group.pendingCommit!.discard();
  expect(stateOf(actor.group)).toEqual(before);
}

/** Two members commit in one epoch; the first wins. */
function race(world: World, first: Mortal): void {
  const second = world.others(first)[0];
  if (second === undefined) return;
  const loser = second.group.commit();
  const { commit } = loser;
  const staged = first.group.receive(commit);
  const isKilled = world.point(second);
  world.commit(first, {});
  expect(second.group.pendingCommit).toBeUndefined();
  if (!isKilled) expect(staged.kind === "commit" && staged.commit.status).toBe("outdated");
}

/** A changed or cut message is refused by everyone, and then the genuine one is taken. */
function changed(world: World, actor: Mortal, { at, bit }: StepOf<"mutate">): void {
  const { commit } = actor.group.commit();
  for (const genuine of [actor.group.encrypt("genuine"), commit]) {
    const bytes = Uint8Array.from(genuine);
    bytes[at % bytes.length]! ^= 1 << bit;
    for (const { group } of world.others(actor)) {
      const before = stateOf(group);
      expect(() => group.receive(bytes)).toThrow(MlsError);
      expect(() => group.receive(genuine.subarray(0, at % genuine.length))).toThrow(MlsError);
      expect(stateOf(group)).toEqual(before);
    }
  }
  world.deliver(commit, world.others(actor), {});
  actor.group.pendingCommit!.accept();
  world.enter({});
}

interface Outside {
  readonly ratchetTree?: Uint8Array;
  readonly psks: readonly PskReference[];
}

/** What a joiner from outside needs, from a member. */
function outside(
  world: World,
  host: Mortal,
  { inside, psk }: StepOf<"joinExternal" | "resync">,
): [Uint8Array, Outside] {
  const info = host.group.groupInfo({ ratchetTree: inside });
  const psks = psk ? [{ external: learn(world, 0, world.members) }] : [];
  return [info, { psks, ...(!inside && { ratchetTree: host.group.ratchetTree() }) }];
}

function enterFromOutside(world: World, host: Mortal, action: StepOf<"joinExternal" | "resync">): void {
  if (world.members.length >= MOST_MEMBERS) return;
  const newcomer = world.newClient();
  const [info, options] = outside(world, host, action);
  if (action.psk) newcomer.client.addPsk(pskId(0), pskOf(0));
  const joining = newcomer.client.joinExternal(info, options);
  const change = { come: [newcomer.name], isExternal: true };
  world.deliver(joining.commit, world.members, change);
  world.enter(change);
  world.members.push(world.keep(newcomer, joining.accept()));
  if (action.psk) world.holders.get(0)!.add(newcomer.name);
}

/** A member who has lost its state, or does not trust it any more, takes its own place. */
function comeBack(world: World, member: Mortal, action: StepOf<"joinExternal" | "resync">): void {
  const host = world.others(member)[0];
  if (host === undefined) return;
  const [info, options] = outside(world, host, action);
  if (action.isLost) member.loseGroup();
  expect(() => member.client.joinExternal(info, options)).toThrow(MlsError);
  const joining = member.client.joinExternal(info, { ...options, resync: true });
  const change = { gone: [member.name], come: [member.name], isExternal: true };
  world.deliver(joining.commit, world.others(member), change);
  const former = member.group;
  member.begin(joining.accept());
  expect(former.isClosed).toBe(true);
  world.enter(change);
  world.members.push(member);
}

function pskId(psk: number): Uint8Array {
  return Uint8Array.of(0x50, psk);
}

function pskOf(psk: number): Uint8Array {
  return new Uint8Array(32).fill(psk + 1);
}

/** Gives an external PSK to those of these members who do not hold it. */
function learn(world: World, psk: number, members: readonly Mortal[]): Uint8Array {
  const holders = world.holders.get(psk) ?? new Set<string>();
  world.holders.set(psk, holders);
  for (const { name, client } of members) {
    if (holders.has(name)) continue;
    client.addPsk(pskId(psk), pskOf(psk));
    holders.add(name);
  }
  return pskId(psk);
}

function useExternalPsk(world: World, actor: Mortal, { psk, byReference, ignorant }: StepOf<"externalPsk">): void {
  const late = world.at(ignorant);
  const external = learn(
    world,
    psk,
    world.members.filter((member) => member !== late),
  );
  const lacks = !world.holders.get(psk)!.has(late.name);
  const proposer = byReference ? world.others(actor)[0] : undefined;
  if (proposer !== undefined) world.propose(proposer, { psk: { external } });
  const options = proposer === undefined ? { psks: [{ external }] } : {};
  if (lacks && late === actor) {
    world.expectRefused(late, "ERR_PSK", () => late.group.commit(options));
  } else if (lacks) {
    const { commit } = actor.group.commit(options);
    world.expectRefused(late, "ERR_PSK", () => late.group.receive(commit));
    world.point(actor);
    actor.group.pendingCommit!.discard();
  }
  learn(world, psk, [late]);
  world.point(late);
  world.commit(actor, options, {}, proposer === undefined ? 0 : 1);
}

function useResumptionPsk(world: World, actor: Mortal, back: number): void {
  const { model } = world;
  const epoch = model.epoch - BigInt(back);
  if (epoch < 0n) return;
  const options = { psks: [{ resumption: { epoch } }] };
  if (!model.holdsResumption(actor.name, epoch)) {
    world.expectRefused(actor, "ERR_PSK", () => actor.group.commit(options));
    return;
  }
  const lacking = world.members.filter(({ name }) => !model.holdsResumption(name, epoch));
  if (lacking.length === 0) {
    world.commit(actor, options);
    return;
  }
  const { commit } = actor.group.commit(options);
  for (const member of lacking) world.expectRefused(member, "ERR_PSK", () => member.group.receive(commit));
  actor.group.pendingCommit!.discard();
}

describe.each(LONG ? [1, 2, 3, 4, 5, 6, 7] : [1, 3])("a group of cipher suite %i in random histories", (suite) => {
  // Curves outside the core take their time.
  const isInCore = suite === 1 || suite === 3;
  const numRuns = LONG ? (isInCore ? 200 : 10) : 20;
  const maxLength = LONG && isInCore ? 60 : 24;

  it(`agrees, forgets, refuses, dies and comes back as the model says (${LONG ? "long" : "short"} form)`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.boolean(), steps(maxLength), (size, isPublic, actions) => {
        const engine = new Engine();
        const world = new World(engine, suite, size, isPublic);
        for (const action of actions) {
          world.begin(action.fates);
          play(world, action);
          world.check();
        }
        world.close();
        expect(engine.core.handlesInUse()).toBe(0);
      }),
      { numRuns },
    );
  }, 1_800_000);
});
