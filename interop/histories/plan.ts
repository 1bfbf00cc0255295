// Which proposals a commit takes, so that the list is valid (RFC 9420 section 12.2) and everyone who is to
// process it can.

import type { Content, Member, PendingProposal } from "./model.ts";
import type { Play } from "./play.ts";
import { firstCommonEpoch, newcomer, removable, someExtensions, somePsk } from "./proposals.ts";

/** A commit to be. */
export interface Plan {
  readonly committer: Member;
  readonly byReference: readonly PendingProposal[];
  readonly byValue: readonly Exclude<Content, { kind: "update" }>[];
  readonly forcePath: boolean;
  readonly externalTree: boolean;
}

export function contentsOf({ byReference, byValue }: Plan): Content[] {
  return [...byReference.map(({ content }) => content), ...byValue];
}

/** A plan for some member that can commit; undefined when nobody can. */
export async function planCommit(play: Play): Promise<Plan | undefined> {
  const { model, random } = play;
  for (const committer of random.shuffled(model.members)) {
    if (committer.hasPending) continue;
    const list = new ProposalList(play, committer);
    const must = model.proposals.filter((entry) => entry.knownTo.has(committer) && !isOwnUpdate(entry, committer));
    const isPossible = must.every((entry) => list.take(entry.content, entry.proposer));
    if (!isPossible) continue;
    const might = model.proposals.filter((entry) => !entry.knownTo.has(committer));
    const chosen = random
      .shuffled(might)
      .filter((entry) => random.chance(0.8) && list.take(entry.content, entry.proposer));
    const byValue: Exclude<Content, { kind: "update" }>[] = [];
    while (random.chance(0.4)) {
      const content = await contentByValue(play);
      if (content !== undefined && list.take(content, committer)) byValue.push(content);
    }
    return {
      committer,
      byReference: random.shuffled([...must, ...chosen]),
      byValue,
      forcePath: random.chance(0.5),
      externalTree: random.chance(0.3),
    };
  }
  return undefined;
}

function isOwnUpdate({ content }: PendingProposal, committer: Member): boolean {
  return content.kind === "update" && content.member === committer;
}

async function contentByValue(play: Play): Promise<Exclude<Content, { kind: "update" }> | undefined> {
  const { model, random, settings } = play;
  const { min, max } = settings.members;
  const kind = random.weighted({
    add: model.size < max ? (model.size < min ? 40 : 4) : 0,
    remove: model.size > min ? (model.size >= max ? 8 : 2) : 0,
    externalPSK: 1,
    resumptionPSK: 1,
    groupContextExtensions: 1,
  });
  switch (kind) {
    case "add": {
      const added = await newcomer(play);
      return added && { kind, newcomer: added };
    }
    case "remove":
      return { kind, name: random.pick(removable(play, new Set())) };
    case "externalPSK":
      return { kind, psk: somePsk(play) };
    case "resumptionPSK": {
      const first = firstCommonEpoch(play, model.members);
      return first > model.epoch ? undefined : { kind, epoch: first + random.below(model.epoch - first + 1) };
    }
    case "groupContextExtensions":
      return { kind, extensions: someExtensions(play) };
  }
}

/** A list that stays valid: takes what goes with the rest, and says so. */
class ProposalList {
  readonly #play: Play;
  readonly #committer: Member;
  readonly #leaves = new Set<string>();
  readonly #added = new Set<string>();
  readonly #psks = new Set<unknown>();
  #size: number;
  #resumes = false;
  #changesExtensions = false;

  constructor(play: Play, committer: Member) {
    this.#play = play;
    this.#committer = committer;
    this.#size = play.model.size;
  }

  take(content: Content, proposer: Member | undefined): boolean {
    const { min, max } = this.#play.settings.members;
    switch (content.kind) {
      case "add":
        // Newcomers do not have the resumption PSKs of epochs before them.
        if (this.#resumes || this.#size >= max) return false;
        this.#size++;
        return taken(this.#added, content.newcomer.person.name);
      case "update":
        return proposer !== this.#committer && taken(this.#leaves, content.member.name);
      case "remove":
        if (content.name === this.#committer.name || this.#size <= min || !this.#isIn(content.name)) return false;
        if (!taken(this.#leaves, content.name)) return false;
        this.#size--;
        return true;
      case "externalPSK":
        return taken(this.#psks, content.psk);
      case "resumptionPSK":
        if (this.#added.size > 0 || !taken(this.#psks, content.epoch)) return false;
        this.#resumes = true;
        return true;
      case "groupContextExtensions":
        if (this.#changesExtensions) return false;
        this.#changesExtensions = true;
        return true;
    }
  }

  #isIn(name: string): boolean {
    const { members, behind } = this.#play.model;
    return [...members, ...behind].some((member) => member.name === name);
  }
}

function taken(taken: Set<unknown>, value: unknown): boolean {
  if (taken.has(value)) return false;
  taken.add(value);
  return true;
}
