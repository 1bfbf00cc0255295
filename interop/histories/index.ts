// Random histories of one group whose members are of different implementations.
//
// `playHistory` is all there is to call: give it peers and a seed. The same seed with the same peers makes
// the same choices.

export type { Ability, Difference, Occasion, Peer, PeerLimits } from "./peer.ts";
export { Random } from "./random.ts";
export { HistoryError, type HistoryReport, type HistorySettings, playHistory } from "./history.ts";
export { runHistories, type RunOptions } from "./run.ts";
