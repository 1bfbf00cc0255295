// The process that measures kernels: `node main.mjs ENGINE VERSION FOLDER ROUNDS SECONDS`. Prints rows as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { GroveModule } from "../scenario/module.ts";
import { type Result, rounded } from "../scenario/measurements.ts";
import { sameBytes } from "../scenario/protocol.ts";
import { groveBatches, groveKernels } from "./grove.ts";
import { inputs, type Kernel, kernelNames, type KernelSet } from "./kernel.ts";
import { loadSodium } from "./libsodium.ts";
import { measureInTurn } from "./measure.ts";
import { nodeKernels } from "./node.ts";
import { libsodiumKernels, nobleKernels, webCryptoKernels } from "./others.ts";

const BATCH = 512;
const [, , module = "", version = "", folder = "", rounds = "3", seconds = "0.2"] = process.argv;
const { Engine } = (await import(module)) as GroveModule;
const engine = new Engine();
const { sodium, version: sodiumVersion } = await loadSodium(folder);
const signature = sodium.crypto_sign_detached(inputs.message, sodium.crypto_sign_seed_keypair(inputs.seed).privateKey);

const sets: readonly KernelSet[] = [
  groveKernels(engine, version, signature),
  groveBatches(engine, version, signature, BATCH),
  nodeKernels(signature),
  await webCryptoKernels(signature),
  libsodiumKernels(sodium, sodiumVersion, signature),
  nobleKernels(versionOf("@noble/curves"), signature),
];

const results: Result[] = [];
for (const name of kernelNames) {
  const entrants = sets.flatMap((set) => {
    const kernel = set.kernels[name];
    return kernel === undefined ? [] : [{ ...set, kernel }];
  });
  await requireSameAnswers(
    name,
    entrants.map(({ kernel }) => kernel),
  );
  const times = await measureInTurn(
    entrants.map(({ kernel }) => kernel),
    Number(rounds),
    Number(seconds),
  );
  entrants.forEach(({ implementation, version: own, batch }, index) => {
    results.push({
      operation: name,
      members: batch,
      implementation,
      version: own,
      runtime: `Node ${process.versions.node}`,
      threads: implementation === "WebCrypto" ? 4 : 1,
      milliseconds: rounded(times[index]! / batch),
      bytes: 0,
      operations: null,
    });
  });
}
console.log(JSON.stringify(results));

async function requireSameAnswers(name: string, kernels: readonly Kernel[]): Promise<void> {
  const answers: Uint8Array[] = [];
  for (const kernel of kernels) answers.push(await kernel());
  const differing = answers.findIndex((answer) => !sameBytes(answer, answers[0]!));
  if (differing >= 0) throw new Error(`${name}: implementation ${differing} answers differently`);
}

function versionOf(name: string): string {
  // The manifest is not among the package's exports; it stands above the file that is.
  const entry = createRequire(import.meta.url).resolve(`${name}/ed25519.js`);
  return (JSON.parse(readFileSync(entry.replace(/[^/]+$/, "package.json"), "utf8")) as { version: string }).version;
}
