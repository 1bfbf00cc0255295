// Installs what a folder of interop/ needs: `node interop/install.mjs grpc tsmls`.

import { fileURLToPath } from "node:url";
import { install as installFolder } from "../scripts/install.mjs";

/**
 * @param {"grpc" | "tsmls"} folder
 * @returns {void}
 */
export function install(folder) {
  installFolder(`interop/${folder}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of process.argv.slice(2)) if (folder === "grpc" || folder === "tsmls") install(folder);
}
