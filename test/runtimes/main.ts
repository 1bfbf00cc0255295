// Tries the packed package wherever JavaScript runs: `npm run test:runtimes`, or `-- --quick` for what needs no more
// than the repository's own tools. Prints a table; the last line counts.
import { parseArgs } from "node:util";
import { install as installTools } from "../../scripts/install.mjs";
import { type Browser, openChromium, openFirefox, serve } from "./browsers.ts";
import { askWorkerd, nodeOf, nodes, tool } from "./commands.ts";
import { bundleByEsbuild, install, run, tools } from "./place.ts";

/** What the program of app/smoke.mjs says where all is well. */
const expected = JSON.stringify({
  bobRead: "to bob",
  aliceRead: "to alice",
  epochs: ["1", "1"],
  agreed: true,
});
/** How the message begins where a policy forbids WebAssembly. */
const refused = "InternalError: this runtime refuses to compile WebAssembly: a page's Content-Security-Policy needs";
const greeting = "hello, group";

/** A reason why a row cannot be tried here. */
class Skipped extends Error {}

type Verdict = "passed" | "failed" | "skipped";
const rows: { runtime: string; how: string; verdict: Verdict; note: string }[] = [];

/** Tries one row; `attempt` returns what the program said. */
async function row(runtime: string, how: string, attempt: () => Promise<string>, wanted = expected): Promise<void> {
  let verdict: Verdict = "passed";
  let note = "";
  try {
    const said = await attempt();
    if (wanted === refused ? !said.startsWith(refused) : said !== wanted)
      throw new Error(`said ${JSON.stringify(said)}, expected ${JSON.stringify(wanted)}`);
  } catch (error) {
    verdict = error instanceof Skipped ? "skipped" : "failed";
    note = error instanceof Error ? error.message : String(error);
  }
  rows.push({ runtime, how, verdict, note });
  console.log(`${runtime.padEnd(24)}  ${how.padEnd(48)}  ${verdict}${note && `: ${note}`}`);
}

/** A build step, whose failure is the failure of every row that stands on it. */
function prepared(build: () => Promise<unknown>): () => Promise<void> {
  const done = build();
  done.catch(() => undefined);
  return async () => {
    await done;
  };
}

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const { quick } = values;
if (!quick) installTools("test/runtimes");
const { app, remove } = await install();
const server = await serve(app);
try {
  const esbuilt = prepared(() => bundleByEsbuild(app));
  const webpacked = quick ? undefined : prepared(() => run(process.execPath, [`${tools}webpack.mjs`, app], tools));
  const vited = quick ? undefined : prepared(() => run(tool("vite"), ["build"], app));

  const command = async (executable: string, ...args: string[]) => run(executable, args, app);
  const version = async (executable: string) => (await run(executable, ["--version"], app)).split("\n")[0] ?? "";

  const here = `Node ${process.versions.node}`;
  await row(here, "installed from the tarball", () => command(process.execPath, "command.mjs"));
  await row(here, "bundle by esbuild", async () => {
    await esbuilt();
    return command(process.execPath, "out/esbuild/command.mjs");
  });
  // The README is TypeScript: esbuild takes the types away.
  const readme = async () => {
    await esbuilt();
    return command(process.execPath, "out/esbuild/readme.mjs");
  };
  await row(here, "the README's example", readme, greeting);

  if (webpacked !== undefined) {
    await row(here, "bundle by webpack", async () => {
      await webpacked();
      return command(process.execPath, "out/webpack/command.cjs");
    });
    for (const wanted of nodes) {
      await row(`Node ${wanted}`, "installed from the tarball", async () => {
        const node = await nodeOf(wanted);
        if ((await version(node)) !== `v${wanted}`) throw new Error("another version was installed");
        return command(node, "command.mjs");
      });
    }
    const deno = (await version(tool("deno"))).split(" ")[1] ?? "";
    await row(`Deno ${deno}`, "installed from the tarball", () =>
      command(tool("deno"), "run", "--no-remote", "--node-modules-dir=manual", "command.mjs"),
    );
    await row(`Bun ${await version(tool("bun"))}`, "installed from the tarball", () =>
      command(tool("bun"), "command.mjs"),
    );
    await row(await version(tool("workerd")), "the core imported, called by a request", async () => {
      await esbuilt();
      return askWorkerd(app);
    });
  }

  /** Everything that a browser is to show. */
  const pages = async (name: string, browser: Browser | undefined) => {
    const runtime = browser === undefined ? name : `${name} ${browser.version}`;
    const page = (how: string, path: string, built?: () => Promise<void>, wanted = expected) =>
      row(
        runtime,
        how,
        async () => {
          if (browser === undefined) throw new Skipped("not installed");
          await built?.();
          return browser.result(`${server.origin}/${path}`);
        },
        wanted,
      );
    await page("<script type=module>, an import map", "plain.html");
    await page("bundle by esbuild", "run/out/esbuild/page.mjs", esbuilt);
    await page("a Web Worker", "run/out/esbuild/workerpage.mjs", esbuilt);
    await page("the core hosted, and made in the background", "run/out/esbuild/hosted.mjs", esbuilt);
    await page("CSP script-src 'self' 'wasm-unsafe-eval'", "csp/out/esbuild/page.mjs", esbuilt);
    await page("CSP without 'wasm-unsafe-eval'", "nowasm/out/esbuild/page.mjs", esbuilt, refused);
    if (webpacked !== undefined && vited !== undefined) {
      await page("bundle by webpack", "run/out/webpack/page.js", webpacked);
      await page("a Web Worker, bundle by webpack", "run/out/webpack/workerpage.js", webpacked);
      await page("build by Vite", "out/vite/page.html", vited);
      await page("a Web Worker, build by Vite", "out/vite/workerpage.html", vited);
      await page("the README's example, build by Vite", "out/vite/readme.html", vited, greeting);
    }
    await browser?.close();
  };
  await pages("Chromium", await openChromium());
  if (!quick) await pages("Firefox", await openFirefox());
} finally {
  server.close();
  remove();
}

const count = (verdict: Verdict) => rows.filter((each) => each.verdict === verdict).length;
console.log(`runtimes: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
if (count("failed") > 0) process.exitCode = 1;
