// Tree hashes and parent hashes of a tree in JSON (RFC 9420 sections 7.8 and 7.9): which commit set which node.

import { createHash } from "node:crypto";
import { fromJSON } from "../json/index.ts";

/** A node as JSON has it; null where it is blank. */
export type JsonNode =
  | { readonly kind: "leaf"; readonly leafNode: JsonLeaf }
  | { readonly kind: "parent"; readonly parentNode: JsonParent }
  | null;

export interface JsonLeaf {
  readonly credential: { readonly kind: string; readonly identity?: string };
  readonly source: { readonly kind: string; readonly parentHash?: string };
}

export interface JsonParent {
  readonly encryptionKey: string;
  readonly parentHash: string;
  readonly unmergedLeaves: readonly number[];
}

/** Nodes in the order of Appendix C, up to a full tree. */
export class HashedTree {
  readonly nodes: readonly JsonNode[];
  readonly root: number;
  readonly #algorithm: string;
  readonly #hashes = new Map<number, Buffer>();

  /** `hashLength` is that of the cipher suite: 32, 48 or 64. */
  constructor(nodes: readonly JsonNode[], hashLength: number) {
    let leaves = 1;
    while (2 * leaves - 1 < nodes.length) leaves *= 2;
    this.nodes = Array.from({ length: 2 * leaves - 1 }, (_, i) => nodes[i] ?? null);
    this.root = leaves - 1;
    this.#algorithm = `sha${8 * hashLength}`;
  }

  /** The tree hash of the whole tree. */
  get treeHash(): string {
    return this.#hash(this.root, new Set()).toString("hex");
  }

  leafAt(leafIndex: number): JsonLeaf | undefined {
    const node = this.nodes[2 * leafIndex];
    return node?.kind === "leaf" ? node.leafNode : undefined;
  }

  parentAt(index: number): JsonParent | undefined {
    const node = this.nodes[index];
    return node?.kind === "parent" ? node.parentNode : undefined;
  }

  /** For every parent node that a leaf's chain of parent hashes reaches, that leaf: whose commit set the node. */
  committers(): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    for (let leafIndex = 0; 2 * leafIndex < this.nodes.length; leafIndex++) {
      let expected = this.leafAt(leafIndex)?.source.parentHash;
      for (let at = 2 * leafIndex; at !== this.root && expected !== undefined && expected !== "";) {
        const child = at;
        at = parentOf(at);
        const parent = this.parentAt(at);
        if (parent === undefined) continue;
        const [left, right] = childrenOf(at);
        if (this.#parentHash(parent, child === left ? right : left) !== expected) break;
        found.set(at, leafIndex);
        expected = parent.parentHash;
      }
    }
    return found;
  }

  #parentHash(parent: JsonParent, sibling: number): string {
    const siblingHash = this.#hash(sibling, new Set(parent.unmergedLeaves));
    return this.#digest(
      vector(hex(parent.encryptionKey)),
      vector(hex(parent.parentHash)),
      vector(siblingHash),
    ).toString("hex");
  }

  /** The tree hash of a subtree as it was before these leaves were added. */
  #hash(index: number, without: ReadonlySet<number>): Buffer {
    const known = without.size === 0 ? this.#hashes.get(index) : undefined;
    if (known !== undefined) return known;
    const hash = index % 2 === 0 ? this.#leafHash(index / 2, without) : this.#nodeHash(index, without);
    if (without.size === 0) this.#hashes.set(index, hash);
    return hash;
  }

  #leafHash(leafIndex: number, without: ReadonlySet<number>): Buffer {
    const leaf = without.has(leafIndex) ? undefined : this.leafAt(leafIndex);
    const position = Buffer.alloc(5, 1);
    position.writeUInt32BE(leafIndex, 1);
    return this.#digest(position, ...optional(leaf && fromJSON("LeafNode", leaf, anyCredential(leaf))));
  }

  #nodeHash(index: number, without: ReadonlySet<number>): Buffer {
    const parent = this.parentAt(index);
    const kept = parent && {
      ...parent,
      unmergedLeaves: parent.unmergedLeaves.filter((leafIndex) => !without.has(leafIndex)),
    };
    const [left, right] = childrenOf(index).map((child) => vector(this.#hash(child, without)));
    return this.#digest(Buffer.of(2), ...optional(kept && fromJSON("ParentNode", kept)), left!, right!);
  }

  #digest(...parts: readonly Uint8Array[]): Buffer {
    const hash = createHash(this.#algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  }
}

const level = (index: number): number => 31 - Math.clz32(~index & (index + 1));

export function childrenOf(index: number): [left: number, right: number] {
  const half = 2 ** (level(index) - 1);
  return [index - half, index + half];
}

function parentOf(index: number): number {
  const size = 2 ** level(index);
  return (index >>> (level(index) + 1)) % 2 === 0 ? index + size : index - size;
}

function anyCredential({ credential }: JsonLeaf): { customCredentials?: readonly number[] } {
  const { credentialType } = credential as { credentialType?: number };
  return credentialType === undefined ? {} : { customCredentials: [credentialType] };
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}

function optional(bytes: Uint8Array | undefined): Uint8Array[] {
  return bytes === undefined ? [Buffer.of(0)] : [Buffer.of(1), bytes];
}

/** `opaque x<V>` of fewer than 2^14 bytes: keys and hashes are never longer. */
function vector(bytes: Uint8Array): Uint8Array {
  const header = bytes.length < 64 ? [bytes.length] : [0x40 | (bytes.length >> 8), bytes.length & 0xff];
  return Buffer.concat([Buffer.from(header), bytes]);
}
