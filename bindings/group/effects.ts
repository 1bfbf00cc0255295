import type { AppliedProposals, CustomEffect } from "./apply.ts";
import { type Member, type MemberChange, memberOf } from "./member.ts";
import { copyExtensions, type Extension } from "../message/extension.ts";
import { copyReInit, type ReInit } from "../message/proposals.ts";

/** What a commit does to the membership. */
export interface CommitEffects {
  /** Members that the commit adds, at their new leaves. */
  readonly added: readonly Member[];
  /** Members that the commit removes, as they were. */
  readonly removed: readonly Member[];
  /** Members whose Update the commit covers. */
  readonly updated: readonly MemberChange[];
  /** The new GroupContext extensions, where the commit changes them. */
  readonly extensions: readonly Extension[] | undefined;
  /** The successor that the commit announces; the group is over then. */
  readonly reInit: ReInit | undefined;
  /** Proposals of the application's types, in the order of the commit. */
  readonly custom: readonly CustomEffect[];
}

/** What the proposals of a commit do, in the words of the API. */
export function effectsOf({
  added,
  removed,
  updated,
  extensions,
  extensionsChanged,
  reInit,
  custom,
}: AppliedProposals): CommitEffects {
  return {
    added: added.map(({ leafIndex, keyPackage }) => memberOf(leafIndex, keyPackage.leafNode)),
    removed: removed.map(({ leafIndex, before }) => memberOf(leafIndex, before)),
    updated: updated.map(({ leafIndex, before, after }) => ({
      leafIndex,
      before: memberOf(leafIndex, before),
      after: memberOf(leafIndex, after),
    })),
    extensions: extensionsChanged ? copyExtensions(extensions) : undefined,
    reInit: copyReInit(reInit),
    custom,
  };
}

/** Who joins from outside by a commit; undefined for a member's commit. */
export function joinerOf({ externalInit, tree }: AppliedProposals, committer: number): Member | undefined {
  return externalInit === undefined ? undefined : memberOf(committer, tree.leafNode(committer)!);
}
