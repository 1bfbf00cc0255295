// Draws a ratchet tree: the root first, every node below its parent.

import type { Paint } from "./terminal.ts";
import { quoted } from "./terminal.ts";
import { childrenOf, type HashedTree, type JsonLeaf } from "./treehash.ts";

const sources: Readonly<Record<string, string>> = { keyPackage: "key package", update: "update", commit: "commit" };

/** The lines of a tree. */
export function drawTree(tree: HashedTree, paint: Paint): string[] {
  const committers = tree.committers();
  const lines: string[] = [];
  const name = (leafIndex: number): string => {
    const leaf = tree.leafAt(leafIndex);
    return leaf === undefined ? `leaf ${leafIndex}` : `leaf ${leafIndex} ${nameOf(leaf)}`;
  };
  const isEmpty = (index: number): boolean =>
    tree.nodes[index] === null && (index % 2 === 0 || childrenOf(index).every(isEmpty));
  const text = (index: number): string => {
    if (index % 2 === 0) {
      const leaf = tree.leafAt(index / 2);
      if (leaf === undefined) return paint.faint(`leaf ${index / 2}  blank`);
      return `${paint.strong(name(index / 2))}  ${paint.faint(sources[leaf.source.kind] ?? "")}`;
    }
    const parent = tree.parentAt(index);
    if (parent === undefined) {
      return paint.faint(isEmpty(index) ? `node ${index}  blank, and all below` : `node ${index}  blank`);
    }
    const committer = committers.get(index);
    const by =
      committer === undefined
        ? paint.warning("no leaf's parent hash leads here")
        : `committed by ${paint.good(name(committer))}`;
    const unmerged =
      parent.unmergedLeaves.length === 0 ? "" : `, unmerged: ${parent.unmergedLeaves.map(name).join(", ")}`;
    return `node ${index}  ${by}${unmerged}`;
  };
  const draw = (index: number, first: string, rest: string): void => {
    lines.push(`${first}${text(index)}`);
    if (index % 2 === 0 || isEmpty(index)) return;
    const [left, right] = childrenOf(index);
    draw(left, `${rest}├─ `, `${rest}│  `);
    draw(right, `${rest}└─ `, `${rest}   `);
  };
  draw(tree.root, "", "");
  return lines;
}

function nameOf({ credential }: JsonLeaf): string {
  const { kind, identity } = credential;
  if (identity === undefined) return `(${kind})`;
  return quoted(Buffer.from(identity, "hex")) ?? identity;
}
