import { defaultLimits } from "../../bindings/index.ts";
import type { Peer } from "../histories/peer.ts";
import { groveClient } from "./client.ts";

/** Grove as a peer of histories: it lacks nothing and differs in nothing. */
export function grovePeer(name = "grove"): Peer {
  const { pastEpochs, skippedKeys, resumptionEpochs } = defaultLimits;
  const limits = { pastEpochs, reordering: skippedKeys, resumptionEpochs };
  return { name, client: groveClient(), lacks: new Set(), limits, differences: [] };
}
