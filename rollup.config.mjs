// dist/: one ES module per entry with the WebAssembly module embedded, one declaration file each,
// and the module itself for applications that host it.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dts } from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";

const compile = () => esbuild({ target: "es2022" });
/** Whatever is not a path of this repository is a dependency and stays an import. */
const external = (/** @type {string} */ id) => !/^[./]/.test(id);

/** @type {import("rollup").Plugin} */
const copyCore = {
  name: "copy-core",
  writeBundle() {
    mkdirSync("dist", { recursive: true });
    copyFileSync("build/core.wasm", "dist/core.wasm");
  },
};

/** @type {import("rollup").RollupOptions[]} */
const configuration = [
  {
    input: "bindings/index.ts",
    external,
    output: { file: "dist/index.js", format: "es" },
    plugins: [compile(), copyCore],
  },
  {
    input: "bindings/index.ts",
    external,
    output: { file: "dist/index.d.ts", format: "es" },
    plugins: [dts()],
  },
];

if (existsSync("cli/main.ts")) {
  configuration.push({
    input: "cli/main.ts",
    // The command is an application of the published module.
    external: (id) => external(id) || id.endsWith("bindings/index.ts"),
    output: {
      file: "dist/cli.js",
      format: "es",
      banner: "#!/usr/bin/env node",
      paths: (id) => (id.endsWith("bindings/index.ts") ? "./index.js" : id),
    },
    plugins: [compile()],
  });
}

export default configuration;
