import type { Difference } from "../histories/index.ts";

/** Where ts-mls 1.6.4 and the RFC differ, as far as histories meet it. */
export const differences: readonly Difference[] = [
  {
    rule: "MLS-7.6-03",
    outcome: "refuses",
    call: "commit",
    tags: ["groupContextExtensions"],
    error: /follow the path to the new extensions/,
    what: "makes commits of GroupContextExtensions without a path, or with one that is encrypted to the former extensions; it is not asked to",
  },
  {
    rule: "MLS-12.1.7-02",
    outcome: "refuses",
    call: "handleCommit",
    tags: ["extensions:none"],
    error: /OpenError|confirmation tag/,
    what: "takes an empty list of extensions for no change",
  },
  {
    rule: "MLS-12.1.8.1-01",
    outcome: "refuses",
    call: "handleCommit",
    tags: ["extensions:senders"],
    error: /Could not decode external_senders/,
    what: "expects one external sender where the extension holds a vector of them",
  },
  {
    rule: "MLS-12.1.8.1-01",
    outcome: "refuses",
    call: "handleCommit",
    tags: ["proposer:external"],
    error: /Could not decode ExternalSender/,
    what: "expects the same when an external sender proposes",
  },
  {
    rule: "MLS-12.1.8.1-01",
    outcome: "refuses",
    call: "commit",
    tags: ["proposer:external"],
    error: /Could not decode ExternalSender/,
    what: "expects the same when it is to commit such a proposal",
  },
  {
    rule: "MLS-12.4.3.1-02",
    outcome: "refuses",
    call: "joinGroup",
    tags: [],
    error: /must list leaf node in its unmerged_leaves/,
    what: "expects all parents above an unmerged leaf to list the same leaves",
  },
  {
    rule: "MLS-12.4.3.1-02",
    outcome: "refuses",
    call: "externalJoin",
    tags: [],
    error: /must list leaf node in its unmerged_leaves/,
    what: "expects the same when it joins from outside",
  },
];
