// Where the runtimes are tried: an empty folder outside the repository, in which npm installs the packed package.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));
/** The folder with the tools that are installed by a lock file of their own. */
export const tools: string = fileURLToPath(new URL(".", import.meta.url));

const start = promisify(execFile);

/** What a command prints; throws with all that it said if it fails. */
export async function run(command: string, args: string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await start(command, args, { cwd, timeout: 300_000, maxBuffer: 1 << 24 });
    return stdout.trim();
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}: ${String(error)}\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packs `dist/` and installs the tarball; returns the folder and the function that removes it. */
export async function install(): Promise<{ app: string; remove: () => void }> {
  const place = mkdtempSync(`${tmpdir()}/grove-runtimes-`);
  const app = `${place}/app`;
  const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", place], root);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  cpSync(`${tools}app`, app, { recursive: true });
  writeFileSync(`${app}/package.json`, JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--no-audit", "--no-fund", `${place}/${filename}`], app);
  writeFileSync(`${app}/readme.ts`, readmeExample());
  return { app, remove: () => rmSync(place, { recursive: true }) };
}

/** The first example of the README, with what its prose takes for granted; it leaves what it prints to the page. */
function readmeExample(): string {
  const [, example] = /^```ts\n([^]*?)^```$/m.exec(readFileSync(`${root}README.md`, "utf8")) ?? [];
  if (example === undefined) throw new Error("the README has no example");
  const [, imports, rest] = /^(import .*;\n)([^]*)$/.exec(example) ?? [];
  if (imports === undefined || rest === undefined) throw new Error("the README's example begins with no import");
  return `${imports}
const directory = { holds: (identity: Uint8Array, key: Uint8Array) => identity.length > 0 && key.length === 32 };
const print = console.log;
console.log = (line: string) => {
  print(line);
  if (typeof document === "object") document.body.dataset["result"] = line;
};
${rest}`;
}

/** The bundles that esbuild makes of the program: for commands, pages, workers, and for workerd. */
export async function bundleByEsbuild(app: string): Promise<void> {
  const common = { absWorkingDir: app, bundle: true, format: "esm", target: "es2022", logLevel: "error" } as const;
  await build({
    ...common,
    entryPoints: ["command.mjs", "page.mjs", "workerpage.mjs", "worker.mjs", "hosted.mjs", "readme.ts"],
    outdir: "out/esbuild",
    outExtension: { ".js": ".mjs" },
  });
  // As deployment tools for workerd do it: modules of WebAssembly stay files beside the bundle.
  const wasmBeside: Plugin = {
    name: "wasm-beside",
    setup: (bundle) => bundle.onResolve({ filter: /[.]wasm$/ }, () => ({ path: "./core.wasm", external: true })),
  };
  await build({
    ...common,
    entryPoints: { worker: "workerd.mjs" },
    outdir: "out/workerd",
    conditions: ["workerd"],
    plugins: [wasmBeside],
  });
}
