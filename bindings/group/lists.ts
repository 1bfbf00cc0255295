// The group as the rules on proposal lists see it.

import type { ListContext } from "../validate/proposals.ts";
import type { GroupState } from "./state.ts";

/** The context of a list that `committer` (undefined: an external joiner) commits in this epoch. */
export function listContext(state: GroupState, committer: number | undefined): ListContext {
  return {
    committer,
    version: state.epoch.groupContext.version,
    hashLength: state.suite.hashLength,
    isMember: (leafIndex) => state.tree.leaf(leafIndex) !== undefined,
    successor: undefined,
  };
}
