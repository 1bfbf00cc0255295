// dist/: one ES module per entry, what they share with the WebAssembly module embedded, one declaration file each, and
// the module itself for applications that host it. dist/workerd/ is the same code, importing that file instead.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dts } from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";
import { minify } from "terser";

// `npm run demo` and the benchmark need neither declarations nor small files, which take longest.
const isBare = process.env["BARE"] === "1";
if (!isBare) rmSync("dist", { recursive: true, force: true });

const compile = () => esbuild({ target: "es2022" });
/** Whatever is not a path of this repository is a dependency and stays an import. */
const external = (/** @type {string} */ id) => !/^[./]/.test(id);

/**
 * Takes out what only readers need. Names of classes and functions stay, for stacks and for what consoles print.
 * @type {import("rollup").Plugin}
 */
const shrink = {
  name: "shrink",
  async renderChunk(code) {
    if (isBare) return null;
    const { code: small } = await minify(code, { module: true, ecma: 2020, keep_classnames: true, keep_fnames: true });
    return small ?? null;
  },
};

/** @type {import("rollup").Plugin} */
const copyCore = {
  name: "copy-core",
  writeBundle() {
    mkdirSync("dist", { recursive: true });
    copyFileSync("build/core.wasm", "dist/core.wasm");
    writeFileSync(
      "dist/core.wasm.d.ts",
      "/** The core, where the host makes an import of it a compiled module. */\ndeclare const module: WebAssembly.Module;\nexport default module;\n",
    );
    copyFileSync("json/schema.json", "dist/schema.json");
  },
};

/** @type {import("rollup").Plugin} */
const importCore = {
  name: "import-core",
  resolveId: (id) =>
    id === "./module.ts" ? fileURLToPath(new URL("bindings/core/module.workerd.ts", import.meta.url)) : null,
};

const suites = ["nist", "x448"];

/** The published module that a file of the bindings becomes, as the command imports it. */
const published = (/** @type {string} */ id) => {
  if (id.endsWith("bindings/index.ts")) return "./index.js";
  if (id.endsWith("vectors/index.ts")) return "./vectors.js";
  if (id.endsWith("json/index.ts")) return "./json.js";
  const suite = suites.find((name) => id.endsWith(`bindings/suites/${name}.ts`));
  return suite && `./suites/${suite}.js`;
};

/** One chunk for all of the bindings, but for what the engine itself has no use for. */
const sharedChunk = (/** @type {string} */ id) =>
  /[/]bindings[/](?!index[.]|message[/]ratchettree[.])/.test(id) ? "bindings" : undefined;

/**
 * The entries and the chunk that they share: JSON and vectors are made of the same bindings.
 * @param {string} dir
 * @param {import("rollup").Plugin} core
 * @returns {import("rollup").RollupOptions}
 */
const engine = (dir, core) => ({
  input: { index: "bindings/index.ts", json: "json/index.ts", vectors: "vectors/index.ts" },
  external,
  output: {
    dir,
    format: "es",
    chunkFileNames: "[name].js",
    manualChunks: sharedChunk,
    hoistTransitiveImports: false,
    paths: { "#core.wasm": "../core.wasm" },
  },
  plugins: [core, compile(), shrink],
});

/**
 * The declarations of one entry. A plug-in has the types of the main entry.
 * @param {string} input
 * @param {string} file
 * @param {string} [index] the main entry, as seen from the file
 * @returns {import("rollup").RollupOptions}
 */
const declarations = (input, file, index) => ({
  input,
  external: (id) => external(id) || (index !== undefined && id.endsWith("crypto/suite.ts")),
  output: {
    // Classes have [Symbol.dispose], which an application's own `lib` need not name.
    banner: '/// <reference lib="esnext.disposable" />',
    file,
    format: "es",
    paths: (id) => (id.endsWith("crypto/suite.ts") ? (index ?? id) : id),
  },
  plugins: [dts()],
});

/** @type {import("rollup").RollupOptions[]} */
const configuration = [
  ...suites.map((suite) => ({
    input: `bindings/suites/${suite}.ts`,
    external,
    output: { file: `dist/suites/${suite}.js`, format: /** @type {const} */ ("es") },
    plugins: [compile(), shrink],
  })),
  engine("dist", copyCore),
];

if (!isBare) {
  configuration.push(
    engine("dist/workerd", importCore),
    ...suites.map((suite) => declarations(`bindings/suites/${suite}.ts`, `dist/suites/${suite}.d.ts`, "../index.js")),
    declarations("bindings/index.ts", "dist/index.d.ts"),
    declarations("json/index.ts", "dist/json.d.ts", "./index.js"),
    declarations("vectors/index.ts", "dist/vectors.d.ts", "./index.js"),
  );
}

if (existsSync("cli/main.ts")) {
  configuration.push({
    input: "cli/main.ts",
    // The command is an application of the published modules.
    external: (id) => external(id) || published(id) !== undefined,
    output: {
      file: "dist/cli.js",
      format: "es",
      inlineDynamicImports: true,
      banner: "#!/usr/bin/env node",
      paths: (id) => published(id) ?? id,
    },
    plugins: [compile()],
  });
}

export default configuration;
