// Filled trees: every parent node that can hold a key holds one, and it got there by a commit.
//
// A commit fills the committer's direct path, so one member of every pair of leaves has to commit: n/2
// commits. In the order of leaves that would cost n²/8 encryptions, since the blank half is sealed to leaf
// by leaf; with the first leaf of every half, then of every quarter, and so on, it is n log n.
import type { Host } from "./host.ts";
import type { HostedGroup } from "./hosted.ts";

/** Where things stand in a filled group of n leaves. */
export interface Places {
  /** A blank leaf, which the measured member takes. */
  readonly measured: number;
  /** A blank leaf further right: members who are added come to sit here. */
  readonly visitor: number;
}

/**
 * Two odd leaves at a fifth and two fifths of the tree, whatever its size: the measured member shares with
 * the left neighbour of the visitor the upper two nodes of its path, with leaf 0 the upper three.
 */
export function placesIn(members: number): Places {
  const leaves = 2 ** Math.ceil(Math.log2(members));
  const odd = (share: number): number => 2 * Math.floor((leaves * share) / 2) + 1;
  return { measured: odd(0.2), visitor: odd(0.4) };
}

/** Above this size only the nodes that the measured members touch are filled; see {@link aroundThem}. */
export const FILL_ALL = 20_000;

/**
 * A group of `members` leaves in which all but the two {@link Places} are taken, and the tree is filled.
 * The creator speaks next.
 */
export function fillGroup(host: Host, members: number): HostedGroup {
  const group = host.found();
  const { measured, visitor } = placesIn(members);
  group.commit({ add: host.extras(members - 1).map(({ keyPackage }) => keyPackage), path: false });
  group.commit({ remove: [measured, visitor] });
  const committers = members > FILL_ALL ? aroundThem(members) : everyPair(members);
  for (const leafIndex of committers) {
    group.become(leafIndex);
    group.commit({ format: "public" });
  }
  // Last, so that the creator has a path of its own.
  group.become(0);
  group.commit();
  if (members <= FILL_ALL) requireFilled(group);
  return group;
}

/** The even leaves; the first of every half of the tree, then of every quarter, and so on. */
export function everyPair(members: number): number[] {
  const order: number[] = [];
  const leaves = 2 ** Math.ceil(Math.log2(members));
  for (let step = leaves; step >= 2; step /= 2) {
    // Multiples of 2 * step have had their turn.
    for (let leaf = step === leaves ? 0 : step; leaf < members; leaf += step === leaves ? leaves : 2 * step) {
      order.push(leaf);
    }
  }
  return order;
}

/**
 * Enough for every commit of the measured member and its counterparts to cost what it does in a filled
 * tree: one committer below every node beside the paths of leaf 0, the measured leaf and the visitor's.
 */
function aroundThem(members: number): number[] {
  const { measured, visitor } = placesIn(members);
  const committers = new Set<number>([0, measured - 1, visitor - 1]);
  for (let size = 2 ** Math.ceil(Math.log2(members)); size >= 2; size /= 2) {
    for (const leaf of [0, measured, visitor]) {
      const subtree = Math.floor(leaf / size);
      const sibling = (subtree ^ 1) * size;
      if (sibling < members) committers.add(sibling);
    }
  }
  return [...committers];
}

/** Throws where a parent is blank although members sit on both of its sides. */
function requireFilled({ group }: HostedGroup): void {
  const { tree } = group.state;
  const { leafCount } = tree;
  let occupied = Array.from({ length: leafCount }, (_, leaf) => tree.encryptionKey(2 * leaf) !== undefined);
  for (let level = 1; occupied.length > 1; level++) {
    occupied = Array.from({ length: occupied.length / 2 }, (_, i) => {
      const [left, right] = [occupied[2 * i]!, occupied[2 * i + 1]!];
      const node = (2 * i + 1) * 2 ** level - 1;
      if (left && right && tree.encryptionKey(node) === undefined) throw new Error(`parent ${node} is blank`);
      return left || right;
    });
  }
}
