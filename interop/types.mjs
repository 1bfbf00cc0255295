// Type-checks the folders of interop/ that have dependencies of their own, where those are installed.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
for (const folder of ["grpc", "tsmls"]) {
  const directory = fileURLToPath(new URL(folder, import.meta.url));
  if (existsSync(`${directory}/node_modules`)) {
    const { status } = spawnSync(process.execPath, [tsc, "-p", directory], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  } else {
    console.log(`interop/${folder}: not type-checked, \`node interop/install.mjs ${folder}\` installs what it needs`);
  }
}
