// What the RFC forbids, tried on members in the middle of a history: each must refuse it, and go on as if
// nothing had been. A rule's ID names each attempt.

import type { ProposalDescription } from "../client.ts";
import { type Content, descriptionOf, identityOf, type Letter, type Member, type PendingProposal } from "./model.ts";
import type { Play } from "./play.ts";
import { newcomer } from "./proposals.ts";

const ratchetTree = 2;
const requiredCapabilities = 3;
/** In the range for private use. */
const unknownExtension = 0xff01;

/** The bytes with one bit of the last one turned over. */
function altered(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

/** Sometimes, before a member gets a commit: one that is not it. Returns what was tried, as a tag for the good one. */
export async function probeCommit(
  play: Play,
  member: Member,
  byReference: readonly PendingProposal[],
  commit: Uint8Array,
): Promise<string[]> {
  const { random, witness, model } = play;
  if (!random.chance(0.1)) return [];
  const { stateId } = member;
  const proposal = byReference.map(({ message }) => message);
  const kind = random.weighted({
    altered: 1,
    missing: byReference.length > 0 && byReference.every(({ knownTo }) => !knownTo.has(member)) ? 2 : 0,
    stale: model.lastCommit === undefined ? 0 : 1,
  });
  switch (kind) {
    case "altered":
      // The proposals are good, and whoever has taken them has them.
      await witness.probe(member, "handleCommit", { stateId, proposal, commit: altered(commit) }, [
        "probe:altered",
        "MLS-6.1-07",
      ]);
      for (const { knownTo } of byReference) knownTo.add(member);
      break;
    case "missing":
      await witness.probe(member, "handleCommit", { stateId, proposal: [], commit }, ["probe:missing", "MLS-5.2-02"]);
      break;
    case "stale":
      await witness.probe(member, "handleCommit", { stateId, proposal: [], commit: model.lastCommit!.commit }, [
        "probe:stale",
        "MLS-12.4.2-03",
      ]);
  }
  return [`after:${kind}`];
}

/** Who was removed must not read on. DEF-03 */
export async function probeRemoved({ witness }: Play, member: Member, { ciphertext }: Letter): Promise<void> {
  await witness.probe(member, "unprotect", { stateId: member.stateId, ciphertext }, ["probe:removed", "DEF-03"]);
}

/** A step that tries one forbidden thing. */
export async function probe(play: Play): Promise<void> {
  const { random, model } = play;
  const member = random.pick(model.members);
  if (random.chance(0.4)) await probeMessage(play, member);
  else if (random.chance(0.2)) await probeWelcome(play);
  else await probeOwnCommit(play, member);
}

async function probeMessage({ random, witness, model }: Play, member: Member): Promise<void> {
  const { stateId, lastRead, inbox } = member;
  // MLS-9.2-04
  if (lastRead !== undefined && model.epoch - lastRead.epoch <= member.peer.limits.pastEpochs) {
    await witness.probe(member, "unprotect", { stateId, ciphertext: lastRead.ciphertext }, [
      "probe:replay",
      "MLS-9.2-04",
    ]);
  }
  if (inbox.length > 0) {
    const letter = random.pick(inbox);
    const { ciphertext } = letter;
    member.spoiled.add(letter);
    await witness.probe(member, "unprotect", { stateId, ciphertext: altered(ciphertext) }, [
      "probe:altered",
      "MLS-9.2-06",
    ]);
  }
}

/** A Welcome for other people. */
async function probeWelcome(play: Play): Promise<void> {
  const { witness, model } = play;
  const welcome = model.lastCommit?.welcome ?? new Uint8Array(0);
  if (welcome.length === 0) return;
  const stranger = await newcomer(play);
  if (stranger === undefined) return;
  const { person, transactionId } = stranger;
  const request = {
    transactionId,
    welcome,
    encryptHandshake: true,
    identity: identityOf(person),
    ratchetTree: new Uint8Array(0),
  };
  await witness.probe(person, "joinGroup", request, ["probe:foreign-welcome", "MLS-12.4.3.1-07"]);
}

interface ForbiddenList {
  readonly name: string;
  readonly rule: string;
  readonly byValue: readonly ProposalDescription[];
  readonly byReference?: readonly PendingProposal[];
}

/** A commit that must not come about. */
async function probeOwnCommit(play: Play, member: Member): Promise<void> {
  const { witness, model } = play;
  if (member.hasPending) return;
  const forbidden = await forbiddenList(play, member);
  if (forbidden === undefined) return;
  const { name, rule, byValue, byReference = [] } = forbidden;
  const known = model.proposals.filter(({ knownTo }) => knownTo.has(member));
  if (known.some((entry) => !byReference.includes(entry))) return;
  const request = {
    stateId: member.stateId,
    byReference: byReference.map(({ message }) => message),
    byValue: [...byValue],
    forcePath: true,
    externalTree: false,
  };
  const tags = [`probe:${name}`, rule, ...byValue.map(({ proposalType }) => proposalType)];
  const isRefused = await witness.probe(member, "commit", request, tags);
  if (!isRefused) member.hasPending = true;
}

async function forbiddenList(play: Play, member: Member): Promise<ForbiddenList | undefined> {
  const { random, model } = play;
  const extensions = (extensionType: number, extensionData = new Uint8Array(0)): ProposalDescription[] => [
    { proposalType: "groupContextExtensions", extensions: [{ extensionType, extensionData }] },
  ];
  const remove = (name: string): ProposalDescription => ({ proposalType: "remove", removedId: identityOf({ name }) });
  const lists: (() => ForbiddenList | undefined | Promise<ForbiddenList | undefined>)[] = [
    () => ({ name: "self-removal", rule: "MLS-12.2-05", byValue: [remove(member.name)] }),
    () => {
      const own = model.proposals.filter(({ proposer }) => proposer === member);
      const hasUpdate = own.some(({ content }) => content.kind === "update");
      return hasUpdate ? { name: "own-update", rule: "MLS-12.2-04", byValue: [], byReference: own } : undefined;
    },
    () => {
      const others = model.others(member);
      if (others.length === 0) return undefined;
      const { name } = random.pick(others);
      return { name: "double-remove", rule: "MLS-12.2-06", byValue: [remove(name), remove(name)] };
    },
    async () => {
      const added = await newcomer(play);
      if (added === undefined) return undefined;
      const add = descriptionOf({ kind: "add", newcomer: added } satisfies Content);
      return { name: "double-add", rule: "MLS-12.2-08", byValue: [add, add] };
    },
    () => {
      const [present] = random.shuffled(model.others(member).flatMap(({ keyPackage }) => keyPackage ?? []));
      return (
        present && {
          name: "present-member",
          rule: "MLS-12.2-09",
          byValue: [{ proposalType: "add", keyPackage: present }],
        }
      );
    },
    () => ({
      name: "unknown-psk",
      rule: "MLS-12.4.2-02b",
      byValue: [{ proposalType: "externalPSK", pskId: random.bytes(16) }],
    }),
    () => ({
      name: "future-psk",
      rule: "MLS-8.4-09",
      byValue: [{ proposalType: "resumptionPSK", epochId: BigInt(model.epoch + 1) }],
    }),
    () => ({ name: "misplaced-extension", rule: "MLS-17.3-01", byValue: extensions(ratchetTree) }),
    () => ({ name: "unsupported-extension", rule: "MLS-13.4-02", byValue: extensions(unknownExtension) }),
    () => ({
      name: "unsupported-requirement",
      rule: "MLS-12.1.7-01",
      byValue: extensions(requiredCapabilities, Uint8Array.of(2, unknownExtension >> 8, unknownExtension & 0xff, 0, 0)),
    }),
    () => ({
      name: "double-extensions",
      rule: "MLS-12.2-10",
      byValue: [
        ...extensions(requiredCapabilities, new Uint8Array(3)),
        ...extensions(requiredCapabilities, new Uint8Array(3)),
      ],
    }),
  ];
  return random.pick(lists)();
}
