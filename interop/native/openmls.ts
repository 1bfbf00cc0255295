import type { Difference, Peer } from "../histories/index.ts";
import { stdioClient } from "./stdio.ts";

/** OpenMLS as a peer of histories. */
export function openmlsPeer(program: string): Peer {
  return {
    name: "openmls",
    client: stdioClient(program),
    lacks: new Set([
      "reInitProposal",
      "reInitCommit",
      "handlePendingReInitCommit",
      "handleReInitCommit",
      "reInitWelcome",
      "handleReInitWelcome",
      "createBranch",
      "handleBranch",
    ]),
    limits: { pastEpochs: 32, reordering: 120, resumptionEpochs: 31 },
    differences,
  };
}

/** Why histories with OpenMLS are without GREASE. */
export const refusesGrease: Difference = {
  rule: "MLS-13.5-07",
  outcome: "refuses",
  call: "addProposal",
  tags: [],
  error: /UnsupportedExtensions?\b/,
  what: "takes no leaf with a GREASE extension",
};

/** Where OpenMLS 0.9.2 and the RFC differ, as far as histories meet it. */
export const differences: readonly Difference[] = [
  {
    rule: "MLS-12.1.8-03",
    outcome: "refuses",
    call: "externalSignerProposal",
    tags: ["externalPSK"],
    error: /externalPSK of an external sender/,
    what: "makes no PreSharedKey proposals as an external sender",
  },
  {
    rule: "MLS-12.1.8-03",
    outcome: "refuses",
    call: "commit",
    tags: ["reference:externalPSK", "proposer:external"],
    error: /UnsupportedProposalType/,
    what: "commits to no PreSharedKey proposal of an external sender",
  },
  {
    rule: "MLS-12.1.8-03",
    outcome: "refuses",
    call: "handleCommit",
    tags: ["reference:externalPSK", "proposer:external"],
    error: /UnsupportedProposalType/,
    what: "follows no commit to a PreSharedKey proposal of an external sender",
  },
];
