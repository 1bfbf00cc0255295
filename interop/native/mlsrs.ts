import type { Difference, Peer } from "../histories/index.ts";
import { stdioClient } from "./stdio.ts";

/** mls-rs as a peer of histories. */
export function mlsRsPeer(program: string): Peer {
  return {
    name: "mls-rs",
    client: stdioClient(program),
    lacks: new Set(),
    limits: { pastEpochs: 32, reordering: 1000, resumptionEpochs: 31 },
    differences,
  };
}

/** Where mls-rs 0.57.0 and the RFC differ, as far as histories meet it. */
export const differences: readonly Difference[] = [
  {
    rule: "MLS-12.4-02",
    outcome: "refuses",
    call: "protect",
    tags: [],
    error: /^CommitRequired$/,
    what: "sends no application data while proposals wait, its own included",
  },
  {
    rule: "MLS-9.2-06",
    outcome: "refuses",
    call: "handleCommit",
    tags: ["format:private", "after:altered"],
    error: /^KeyMissing\(\d+\)$/,
    what: "does not read a private commit of which it has been given an altered copy before",
  },
  {
    rule: "MLS-9.2-06",
    outcome: "refuses",
    call: "handleCommit",
    tags: ["format:private", "after:missing"],
    error: /^KeyMissing\(\d+\)$/,
    what: "does not read a private commit again that it got before the proposals it refers to",
  },
  {
    rule: "MLS-9.2-06",
    outcome: "refuses",
    call: "unprotect",
    tags: ["after:altered"],
    error: /^KeyMissing\(\d+\)$/,
    what: "does not read a message of which it has been given an altered copy before",
  },
  {
    rule: "MLS-6.1-09",
    outcome: "refuses",
    call: "unprotect",
    tags: ["epoch:past"],
    error: /^MemberNotFound$/,
    what: "reads messages of past epochs only while their sender's leaf has the same signature key",
  },
  {
    rule: "MLS-12.4.1-11",
    outcome: "refuses",
    call: "reInitWelcome",
    tags: [],
    error: /^NotASubgroup$/,
    what: "founds a successor only if its tree is as large as that of the group that has ended",
  },
  {
    rule: "MLS-12.4.1-11",
    outcome: "refuses",
    call: "handleReInitWelcome",
    tags: [],
    error: /^NotASubgroup$/,
    what: "joins a successor only if its tree is as large as that of the group that has ended",
  },
  {
    rule: "MLS-11.3-01",
    outcome: "refuses",
    call: "createBranch",
    tags: [],
    error: /^a branch with other extensions/,
    what: "makes branches with the extensions of the group and no others",
  },
  {
    rule: "MLS-11.3-01",
    outcome: "refuses",
    call: "handleBranch",
    tags: [],
    error: /^ReInitExtensionsMismatch$/,
    what: "joins branches with the extensions of the group and no others",
  },
  {
    rule: "MLS-17.3-01",
    outcome: "accepts",
    call: "commit",
    tags: ["probe:misplaced-extension"],
    what: "commits to a ratchet_tree extension in the GroupContext",
  },
];
