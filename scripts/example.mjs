// Runs a program of examples/ on the sources: `npm run example NAME`.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const name = (process.argv[2] ?? "").replace(/\.ts$/, "");
const program = `${root}examples/${name}.ts`;

if (!/^[a-z0-9-]+$/.test(name) || !existsSync(program)) {
  const names = readdirSync(`${root}examples`).filter((file) => file.endsWith(".ts"));
  console.error(`usage: npm run example ${names.map((file) => file.replace(/\.ts$/, "")).join(" | ")}`);
  process.exit(2);
}
// The configuration of the tools says where `grove-mls` is.
const args = ["--import", "tsx", program];
const env = { ...process.env, TSX_TSCONFIG_PATH: `${root}tsconfig.tools.json` };
process.exitCode = spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;
