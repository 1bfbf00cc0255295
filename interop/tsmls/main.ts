// Random histories of groups whose members are Grove's and ts-mls's.
//
//   npm run interop:tsmls -- [--seeds N] [--first SEED] [--steps N] [--suites 1,2,3] [--members MIN-MAX]

import { parseArgs } from "node:util";
import { grovePeer } from "../grove/peer.ts";
import { runHistories } from "../histories/index.ts";
import { tsMlsPeer } from "./peer.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    first: { type: "string", default: "1" },
    steps: { type: "string", default: "200" },
    suites: { type: "string", default: "1,2,3" },
    members: { type: "string", default: "3-8" },
  },
});
const [min, max] = values.members.split("-").map(Number) as [number, number];
const { passed, failed } = await runHistories({
  seeds: Number(values.seeds),
  firstSeed: Number(values.first),
  steps: Number(values.steps),
  peers: [grovePeer(), tsMlsPeer()],
  suites: values.suites.split(",").map(Number),
  members: { min, max },
  print: console.log,
});
console.log(`interop-tsmls: ${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
