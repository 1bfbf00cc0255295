import type { Model } from "./model.ts";
import type { Ability, Peer } from "./peer.ts";
import type { Random } from "./random.ts";
import type { Witness } from "./witness.ts";

/** What every step of a history works on. */
export interface Play {
  readonly model: Model;
  readonly random: Random;
  readonly witness: Witness;
  readonly peers: readonly Peer[];
  readonly settings: PlaySettings;
  readonly counts: Counts;
}

export interface PlaySettings {
  /** Cipher suites to choose from; a re-initialization may change to another one. */
  readonly suites: readonly number[];
  /** How many members the group shall have. */
  readonly members: { readonly min: number; readonly max: number };
}

export interface Counts {
  epochs: number;
  read: number;
  largest: number;
  readonly steps: Record<string, number>;
}

/** Whether the peer can do all of this. */
export function offers(peer: Peer, ...abilities: readonly Ability[]): boolean {
  return abilities.every((ability) => !peer.lacks.has(ability));
}
