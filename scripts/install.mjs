// Installs what a folder with a lock file of its own needs, unless it is there already. The root's `npm ci` stays
// small that way.
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * @param {string} folder as seen from the repository's root
 * @returns {void}
 */
export function install(folder) {
  const cwd = `${root}${folder}`;
  const installed = `${cwd}/node_modules/.package-lock.json`;
  const lock = `${cwd}/package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
