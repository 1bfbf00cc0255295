// Plays script files of the working group's harness between Grove in this process and any clients that speak
// its gRPC interface.
//
//   npm run interop -- --config FILE… [--client HOST:PORT…] [--servers N] [--suite N] [--public | --private]
//                      [--random [--seed N]] [--remote-only]
//
// FILE is a path, or the name of one of the working group's own files. `--servers` starts Grove servers to play
// with, `--remote-only` leaves out Grove in this process.

import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { findVectors } from "../../scripts/places.mjs";
import type { InteropClient } from "../client.ts";
import { groveClient } from "../grove/client.ts";
import { install } from "../install.mjs";
import { playScript } from "./matrix.ts";
import { parseScripts } from "./script.ts";
import { type RunningServer, startServer } from "./servers.ts";
import type { Player } from "./stage.ts";

/** Details of so many failures a script. */
const SHOWN = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: "string", multiple: true, default: [] },
    client: { type: "string", multiple: true, default: [] },
    servers: { type: "string", default: "0" },
    suite: { type: "string" },
    public: { type: "boolean", default: false },
    private: { type: "boolean", default: false },
    random: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    "remote-only": { type: "boolean", default: false },
  },
});

function scriptFile(name: string): string {
  const known = `${findVectors() ?? ""}/interop/${name}.json`;
  if (!existsSync(name) && existsSync(known)) return known;
  return name;
}

async function connect(address: string): Promise<InteropClient> {
  // Not by a literal: the folder has dependencies of its own, which are installed only now.
  const module = new URL("../grpc/connection.ts", import.meta.url).href;
  const { connection } = (await import(module)) as { connection: (address: string) => InteropClient };
  return connection(address);
}

async function player(client: InteropClient, place: string): Promise<Player> {
  const { name } = await client.name({});
  const { ciphersuites } = await client.supportedCiphersuites({});
  return { name: `${name} (${place})`, client, suites: new Set(ciphersuites) };
}

const files = [...values.config, ...positionals].map(scriptFile);
if (files.length === 0) throw new Error("--config FILE names what to play");
const servers: RunningServer[] = [];
if (values.client.length > 0 || Number(values.servers) > 0) install("grpc");
for (let i = 0; i < Number(values.servers); i++) servers.push(await startServer());

const players: Player[] = [];
if (!values["remote-only"]) players.push(await player(groveClient(), "in process"));
for (const address of [...values.client, ...servers.map((server) => server.address)]) {
  players.push(await player(await connect(address), address));
}
for (const { name, suites } of players) console.log(`${name}: suites ${[...suites].join(", ")}`);

const isEither = values.public === values.private;
const options = {
  players,
  suite: values.suite === undefined ? undefined : Number(values.suite),
  encrypts: isEither ? [true, false] : [values.private],
  isRandom: values.random,
  seed: Number(values.seed),
};
let passed = 0;
let total = 0;
for (const file of files) {
  for (const script of parseScripts(readFileSync(file, "utf8"))) {
    const verdict = await playScript(script, options);
    passed += verdict.passed;
    total += verdict.total;
    console.log(`${basename(file)} ${script.name}: ${verdict.passed}/${verdict.total}`);
    for (const failure of verdict.failures.slice(0, SHOWN)) console.log(`  ${failure}`);
    if (verdict.failures.length > SHOWN) console.log(`  and ${verdict.failures.length - SHOWN} more`);
  }
}
for (const { client } of players) await client.close();
for (const server of servers) server.stop();
console.log(`interop: ${passed} passed, ${total - passed} failed, 0 skipped`);
process.exitCode = passed === total && total > 0 ? 0 : 1;
