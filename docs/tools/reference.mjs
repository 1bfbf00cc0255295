// Makes the reference of every export, in .cache/reference: `npm run docs:reference`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { install } from "../../scripts/install.mjs";

install("docs/tools");
const cwd = fileURLToPath(new URL(".", import.meta.url));
const args = ["node_modules/typedoc/bin/typedoc", "--logLevel", "Warn"];
process.exitCode = spawnSync(process.execPath, args, { cwd, stdio: "inherit" }).status ?? 1;
if (process.exitCode === 0) console.log("reference: .cache/reference/index.html");
