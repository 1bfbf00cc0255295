// dist/: one ES module per entry, what they share with the WebAssembly module embedded, one declaration
// file each, and the module itself for applications that host it.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dts } from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";

const compile = () => esbuild({ target: "es2022" });
/** Whatever is not a path of this repository is a dependency and stays an import. */
const external = (/** @type {string} */ id) => !/^[./]/.test(id);

/** The file that an entry writes. */
const fileOf = (/** @type {import("rollup").RollupOptions["output"]} */ output) =>
  (Array.isArray(output) ? output[0]?.file : output?.file) ?? "";

/** @type {import("rollup").Plugin} */
const copyCore = {
  name: "copy-core",
  writeBundle() {
    mkdirSync("dist", { recursive: true });
    copyFileSync("build/core.wasm", "dist/core.wasm");
  },
};

const suites = ["nist", "x448"];

/** The published module that a file of the bindings becomes, as the command imports it. */
const published = (/** @type {string} */ id) => {
  if (id.endsWith("bindings/index.ts")) return "./index.js";
  if (id.endsWith("vectors/index.ts")) return "./vectors.js";
  const suite = suites.find((name) => id.endsWith(`bindings/suites/${name}.ts`));
  return suite && `./suites/${suite}.js`;
};

/** @type {import("rollup").RollupOptions[]} */
const configuration = [
  ...suites.flatMap((suite) => [
    {
      input: `bindings/suites/${suite}.ts`,
      external,
      output: { file: `dist/suites/${suite}.js`, format: /** @type {const} */ ("es") },
      plugins: [compile()],
    },
    {
      input: `bindings/suites/${suite}.ts`,
      // A plug-in has the types of the main entry.
      external: (/** @type {string} */ id) => external(id) || id.endsWith("crypto/suite.ts"),
      output: {
        file: `dist/suites/${suite}.d.ts`,
        format: /** @type {const} */ ("es"),
        paths: (/** @type {string} */ id) => (id.endsWith("crypto/suite.ts") ? "../index.js" : id),
      },
      plugins: [dts()],
    },
  ]),
  {
    // The vectors are made of the same bindings, which both entries take from one chunk.
    input: { index: "bindings/index.ts", vectors: "vectors/index.ts" },
    external,
    output: { dir: "dist", format: "es", chunkFileNames: "bindings.js", hoistTransitiveImports: false },
    plugins: [compile(), copyCore],
  },
  {
    input: "bindings/index.ts",
    external,
    output: { file: "dist/index.d.ts", format: "es" },
    plugins: [dts()],
  },
  {
    input: "vectors/index.ts",
    // A plug-in has the types of the main entry.
    external: (id) => external(id) || id.endsWith("crypto/suite.ts"),
    output: {
      file: "dist/vectors.d.ts",
      format: "es",
      paths: (id) => (id.endsWith("crypto/suite.ts") ? "./index.js" : id),
    },
    plugins: [dts()],
  },
];

if (existsSync("cli/main.ts")) {
  configuration.push({
    input: "cli/main.ts",
    // The command is an application of the published modules.
    external: (id) => external(id) || published(id) !== undefined,
    output: {
      file: "dist/cli.js",
      format: "es",
      banner: "#!/usr/bin/env node",
      paths: (id) => published(id) ?? id,
    },
    plugins: [compile()],
  });
}

// `npm run demo` needs no declaration files, which take longest.
const isBare = process.env["BARE"] === "1";

export default isBare ? configuration.filter(({ output }) => !/\.d\.ts$/.test(fileOf(output))) : configuration;
