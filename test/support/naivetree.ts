// A second ratchet tree, to compare the core's with: recursive, slow, and as close to the words of
// RFC 9420 sections 4.1, 7.7-7.9 and 12.1 as code can be. It shares nothing with the core.
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { vector } from "./leaf.ts";

export interface ParentContent {
  key: Uint8Array;
  parentHash: Uint8Array;
  unmerged: number[];
}

interface Leaf {
  readonly isLeaf: true;
  readonly index: number;
  bytes: Uint8Array | null;
}

interface Parent {
  readonly isLeaf: false;
  content: ParentContent | null;
  readonly left: Node;
  readonly right: Node;
}

export type Node = Leaf | Parent;

const hashes = { 1: sha256, 2: sha384, 3: sha512 };

function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** What a leaf's bytes say about parent hashes; the tests make the leaves and so know. */
export type LeafParentHash = (leaf: Uint8Array) => Uint8Array | undefined;

export class NaiveTree {
  root: Node = { isLeaf: true, index: 0, bytes: null };
  readonly #kdf: 1 | 2 | 3;
  readonly #leafParentHash: LeafParentHash;

  constructor(kdf: 1 | 2 | 3, leafParentHash: LeafParentHash) {
    this.#kdf = kdf;
    this.#leafParentHash = leafParentHash;
  }

  clone(): NaiveTree {
    const copy = new NaiveTree(this.#kdf, this.#leafParentHash);
    copy.root = structuredClone(this.root);
    return copy;
  }

  hash(message: readonly number[]): Uint8Array {
    return hashes[this.#kdf](Uint8Array.from(message));
  }

  /** All nodes in in-order, so that a node's position is its node index. */
  nodes(top: Node = this.root): Node[] {
    return top.isLeaf ? [top] : [...this.nodes(top.left), top, ...this.nodes(top.right)];
  }

  leaves(top: Node = this.root): Leaf[] {
    return top.isLeaf ? [top] : [...this.leaves(top.left), ...this.leaves(top.right)];
  }

  members(): number[] {
    return this.leaves().flatMap((leaf) => (leaf.bytes === null ? [] : [leaf.index]));
  }

  /** The nodes above a leaf, from the bottom. */
  directPath(leafIndex: number): Parent[] {
    const path: Parent[] = [];
    let at = this.root;
    while (!at.isLeaf) {
      path.unshift(at);
      at = this.#holds(at.left, leafIndex) ? at.left : at.right;
    }
    return path;
  }

  #holds(top: Node, leafIndex: number): boolean {
    return this.leaves(top).some((leaf) => leaf.index === leafIndex);
  }

  #copathChild(parent: Parent, leafIndex: number): Node {
    return this.#holds(parent.left, leafIndex) ? parent.right : parent.left;
  }

  resolution(node: Node): Node[] {
    if (node.isLeaf) return node.bytes === null ? [] : [node];
    if (node.content === null) return [...this.resolution(node.left), ...this.resolution(node.right)];
    const leaves = this.leaves();
    return [node, ...node.content.unmerged.map((index) => leaves[index]!)];
  }

  filteredDirectPath(leafIndex: number): Parent[] {
    return this.directPath(leafIndex).filter((node) => this.resolution(this.#copathChild(node, leafIndex)).length > 0);
  }

  /** The tree hash, with the leaves in `without` blanked and taken off all lists. */
  treeHash(node: Node = this.root, without: readonly number[] = []): Uint8Array {
    if (node.isLeaf) {
      const blank = node.bytes === null || without.includes(node.index);
      return this.hash([1, ...u32(node.index), ...(blank ? [0] : [1, ...node.bytes!])]);
    }
    const content = node.content === null ? [0] : [1, ...parentBytes(node.content, without)];
    const left = this.treeHash(node.left, without);
    const right = this.treeHash(node.right, without);
    return this.hash([2, ...content, ...vector(left), ...vector(right)]);
  }

  parentHash(parent: Parent, copathChild: Node): Uint8Array {
    const { key, parentHash, unmerged } = parent.content!;
    const original = this.treeHash(copathChild, unmerged);
    return this.hash([...vector(key), ...vector(parentHash), ...vector(original)]);
  }

  add(bytes: Uint8Array): number {
    let leaf = this.leaves().find((candidate) => candidate.bytes === null);
    if (leaf === undefined) {
      const count = this.leaves().length;
      this.root = { isLeaf: false, content: null, left: this.root, right: blankTree(count, count) };
      leaf = this.leaves()[count]!;
    }
    leaf.bytes = bytes;
    for (const { content } of this.directPath(leaf.index)) {
      if (content !== null) content.unmerged = [...content.unmerged, leaf.index].sort((a, b) => a - b);
    }
    return leaf.index;
  }

  update(leafIndex: number, bytes: Uint8Array): void {
    this.leaves()[leafIndex]!.bytes = bytes;
    for (const node of this.directPath(leafIndex)) node.content = null;
  }

  remove(leafIndex: number): void {
    this.leaves()[leafIndex]!.bytes = null;
    for (const node of this.directPath(leafIndex)) node.content = null;
    while (!this.root.isLeaf && this.leaves(this.root.right).every((leaf) => leaf.bytes === null)) {
      this.root = this.root.left;
    }
  }

  /** A commit's path; `makeLeaf` gets the parent hash that the leaf has to carry. */
  commit(leafIndex: number, keys: readonly Uint8Array[], makeLeaf: (parentHash: Uint8Array) => Uint8Array): void {
    const path = this.filteredDirectPath(leafIndex);
    for (const node of this.directPath(leafIndex)) node.content = null;
    path.forEach((node, i) => {
      node.content = { key: keys[i]!, parentHash: new Uint8Array(), unmerged: [] };
    });
    let above = new Uint8Array();
    for (const node of path.reverse()) {
      node.content!.parentHash = above;
      above = Uint8Array.from(this.parentHash(node, this.#copathChild(node, leafIndex)));
    }
    this.leaves()[leafIndex]!.bytes = makeLeaf(above);
  }

  /** Section 7.9.2, word for word: whether every parent that is not blank has exactly one valid D. */
  parentHashesAreValid(): boolean {
    return this.nodes().every((parent) => {
      if (parent.isLeaf || parent.content === null) return true;
      const sides = [
        [parent.left, parent.right],
        [parent.right, parent.left],
      ] as const;
      const valid = sides.flatMap(([child, sibling]) => {
        const resolution = this.resolution(child);
        const below = this.leaves(child).map((leaf) => leaf.index);
        const unmerged = parent.content!.unmerged.filter((index) => below.includes(index)).join();
        const expected = this.parentHash(parent, sibling).join();
        return resolution.filter((node) => {
          const stored = node.isLeaf ? this.#leafParentHash(node.bytes!) : node.content!.parentHash;
          const others = resolution.filter((other) => other !== node).map((other) => (other.isLeaf ? other.index : -1));
          return stored?.join() === expected && others.sort((a, b) => a - b).join() === unmerged;
        });
      });
      return valid.length === 1;
    });
  }

  /** The content of the ratchet_tree extension. */
  export(): Uint8Array {
    const nodes = this.nodes();
    while (nodes.length > 0 && isBlank(nodes.at(-1))) nodes.pop();
    return Uint8Array.from(vector(nodes.flatMap((node) => [...nodeBytes(node)])));
  }
}

function isBlank(node: Node): boolean {
  return (node.isLeaf ? node.bytes : node.content) === null;
}

function blankTree(first: number, count: number): Node {
  if (count === 1) return { isLeaf: true, index: first, bytes: null };
  const half = count / 2;
  return { isLeaf: false, content: null, left: blankTree(first, half), right: blankTree(first + half, half) };
}

/** An encoded ParentNode. */
export function parentBytes(content: ParentContent, without: readonly number[] = []): number[] {
  const unmerged = content.unmerged.filter((index) => !without.includes(index));
  return [...vector(content.key), ...vector(content.parentHash), ...vector(unmerged.flatMap(u32))];
}

/** An encoded optional Node. */
function nodeBytes(node: Node): number[] {
  if (isBlank(node)) return [0];
  return node.isLeaf ? [1, 1, ...node.bytes!] : [1, 2, ...parentBytes(node.content!)];
}
