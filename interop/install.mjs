// Installs what a folder of interop/ needs by its own lock file, unless it is there already. The root's
// `npm ci` stays small that way.

import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @param {"grpc" | "tsmls"} folder
 * @returns {void}
 */
export function install(folder) {
  const directory = fileURLToPath(new URL(folder, import.meta.url));
  const installed = `${directory}/node_modules/.package-lock.json`;
  const lock = `${directory}/package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of process.argv.slice(2)) if (folder === "grpc" || folder === "tsmls") install(folder);
}
