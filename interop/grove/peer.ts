import { defaultLimits } from "../../bindings/index.ts";
import type { Peer } from "../histories/peer.ts";
import { type GroveOptions, groveClient } from "./client.ts";

/** Grove as a peer of histories: it lacks nothing and differs in nothing. */
export function grovePeer(name = "grove", options: GroveOptions = {}): Peer {
  const { pastEpochs, skippedKeys, resumptionEpochs } = defaultLimits;
  const limits = { pastEpochs, reordering: skippedKeys, resumptionEpochs };
  return { name, client: groveClient(options), lacks: new Set(), limits, differences: [] };
}
