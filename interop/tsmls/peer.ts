import type { Peer } from "../histories/index.ts";
import { lacking, tsMlsClient } from "./client.ts";
import { differences } from "./differences.ts";

/** ts-mls as a peer of histories. */
export function tsMlsPeer(): Peer {
  // As in its default client configuration.
  const limits = { pastEpochs: 4, reordering: 8, resumptionEpochs: 4 };
  return { name: "ts-mls", client: tsMlsClient(), lacks: new Set(lacking), limits, differences };
}
