// The group as the rules on proposal lists see it.

import type { ListContext } from "../validate/proposals.ts";
import type { GroupView } from "./view.ts";

/** The context of a list that `committer` (undefined: an external joiner) commits in this epoch. */
export function listContext(
  group: GroupView,
  committer: number | undefined,
  successor?: ListContext["successor"],
): ListContext {
  return {
    committer,
    version: group.epoch.groupContext.version,
    hashLength: group.suite.hashLength,
    isMember: (leafIndex) => group.tree.leaf(leafIndex) !== undefined,
    successor,
    decode: group.environment.decode,
    custom: group.environment.customProposals,
  };
}
