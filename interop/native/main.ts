// npm run interop:native: random histories of one group of Grove, OpenMLS, mls-rs and ts-mls.

import { parseArgs } from "node:util";

import { grovePeer } from "../grove/peer.ts";
import { type Peer, runHistories } from "../histories/index.ts";
import { install } from "../install.mjs";
import { buildPeers } from "./build.ts";
import { tryGrease } from "./grease.ts";
import { mlsRsPeer } from "./mlsrs.ts";
import { openmlsPeer, refusesGrease } from "./openmls.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "50" },
    first: { type: "string", default: "1" },
    steps: { type: "string", default: "200" },
  },
});
const [seeds, firstSeed, steps] = [values.seeds, values.first, values.steps].map((value) => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`${value} is not a count`);
  return number;
}) as [number, number, number];

const programs = buildPeers();
if (programs === undefined) {
  console.log(`interop-native: 0 passed, 0 failed, ${seeds} skipped (cargo is not installed)`);
} else {
  const tsMlsPeer = await loadTsMls();
  /** One history in five is without OpenMLS: there leaves have GREASE, and the group is re-initialized more often. */
  const mixture = (seed: number): Peer[] =>
    seed % 5 === 0
      ? [grovePeer(), mlsRsPeer(programs.mlsRs), tsMlsPeer()]
      : [grovePeer("grove", { grease: false }), openmlsPeer(programs.openmls), mlsRsPeer(programs.mlsRs), tsMlsPeer()];

  const greased = [
    { peer: openmlsPeer(programs.openmls), refusal: refusesGrease },
    { peer: mlsRsPeer(programs.mlsRs), refusal: undefined },
  ];
  for (const { peer, refusal } of greased) {
    console.log(await tryGrease(peer, refusal));
    await peer.client.close();
  }
  const { passed, failed } = await runHistories({
    seeds,
    firstSeed,
    steps,
    suites: [1, 2, 3],
    members: { min: 3, max: 30 },
    peers: mixture,
    print: (line) => console.log(line),
  });
  console.log(`interop-native: ${passed} passed, ${failed} failed, 0 skipped`);
  if (failed > 0) process.exitCode = 1;
}

/** ts-mls has a workspace of its own, which type checks of this one leave out. */
async function loadTsMls(): Promise<() => Peer> {
  install("tsmls");
  const module: string = "../tsmls/peer.ts";
  const { tsMlsPeer } = (await import(module)) as { tsMlsPeer: () => Peer };
  return tsMlsPeer;
}
