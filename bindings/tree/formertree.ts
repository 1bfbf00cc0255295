// What a merge leaves of the tree before it, so that messages of past epochs find their sender's leaf.
import type { Engine } from "../core/engine.ts";
import * as layout from "../core/generated/layout.ts";
import { checked, index, TreeHandle } from "./handle.ts";

/** A leaf as the tree before a merge had it: its bytes, blank, or not changed by that merge. */
export type FormerLeaf = Uint8Array | "blank" | "untouched";

/** What a merge replaced: the leaves of the epoch before it. */
export class FormerTree extends TreeHandle {
  /** Use {@link StagedTree.merge}. */
  constructor(engine: Engine, handle: number) {
    super(engine, handle);
  }

  /** Leaves that the tree had, blank or not. */
  get leafCount(): number {
    return this.run((core) => core.treeUndoLeafCount(this.handle));
  }

  /** The leaf as it was; "untouched" sends on to the merge after this one, at last to the tree itself. */
  leaf(leafIndex: number): FormerLeaf {
    return this.engine.frame((core, frame) => {
      const out = frame.take(8);
      const code = checked(core, core.treeUndoLeaf(this.handle, index(leafIndex), out));
      if (code === layout.UNDO_BLANK) return "blank";
      if (code === layout.UNDO_UNTOUCHED) return "untouched";
      return this.engine.copyOut(this.engine.word(out), this.engine.word(out + 4));
    });
  }

  /** The leaf indices that the merge changed, in order. */
  changed(): number[] {
    return this.engine.frame((core, frame) => {
      const count = checked(core, core.treeUndoChanged(this.handle, 0, 0));
      const dst = frame.take(4 * count);
      checked(core, core.treeUndoChanged(this.handle, dst, count));
      return Array.from({ length: count }, (_, i) => this.engine.word(dst + 4 * i)).sort((a, b) => a - b);
    });
  }
}
