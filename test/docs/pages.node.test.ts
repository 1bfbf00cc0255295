// The code of the documentation's pages is run as it stands there, and prints what its comments say.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, it, vi } from "vitest";
import { errorCodesOf } from "../../scripts/error-codes.mjs";
import { announced, brokenLinks, pages, programsOf } from "../../scripts/docs-pages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const programs = pages.flatMap((page) => programsOf(page));
const running = programs.filter(({ runs }) => runs);
console.log(
  `documentation: ${running.length} programs are run, ${programs.length - running.length} lack what they declare`,
);

mkdirSync(`${root}.cache`, { recursive: true });
const folder = mkdtempSync(`${root}.cache/docs-run-`);
afterAll(() => rmSync(folder, { recursive: true }));

const names = running.map(({ page }, i) => `${page.replaceAll("/", "-")}-${i}`);
running.forEach(({ code }, i) => writeFileSync(`${folder}/${names[i]!}.ts`, code));
// Built together, so that they share one core.
await build({
  entryPoints: names.map((name) => `${folder}/${name}.ts`),
  outdir: folder,
  alias: {
    "grove-mls": `${root}bindings/index.ts`,
    "grove-mls/json": `${root}json/index.ts`,
    "grove-mls/vectors": `${root}vectors/index.ts`,
    "grove-mls/suites/nist": `${root}bindings/suites/nist.ts`,
    "grove-mls/suites/x448": `${root}bindings/suites/x448.ts`,
  },
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  platform: "node",
  outExtension: { ".js": ".mjs" },
});

describe("the pages", () => {
  it("hold programs that run, but for those that lack what they declare or fetch", () => {
    expect(programs.filter(({ runs }) => !runs).map(({ page }) => page)).toEqual(["README.md", "docs/runtimes.md"]);
    expect(running.flatMap(({ code }) => announced(code)).length).toBeGreaterThan(50);
  });

  it.each(running.map(({ page, line, code }, i) => ({ page, line, code, name: names[i]! })))(
    "$page:$line prints what it says",
    async ({ code, name }) => {
      const printed: string[] = [];
      const log = vi.spyOn(console, "log").mockImplementation((...parts: unknown[]) => {
        printed.push(parts.map((part) => (typeof part === "bigint" ? `${part}n` : String(part))).join(" "));
      });
      try {
        await import(/* @vite-ignore */ pathToFileURL(`${folder}/${name}.mjs`).href);
      } finally {
        log.mockRestore();
      }
      if (announced(code).length > 0) expect(printed).toEqual(announced(code));
    },
  );

  it("name error codes that there are", () => {
    const known = new Set<string>(errorCodesOf().map(({ code }) => code));
    for (const page of pages.filter((name) => name !== "CHANGELOG.md")) {
      const named = readFileSync(root + page, "utf8").match(/\bERR_[A-Z_]+[A-Z]\b/g) ?? [];
      expect(
        named.filter((code) => !known.has(code)),
        page,
      ).toEqual([]);
    }
  });

  it("have no links that lead nowhere", () => {
    for (const page of pages) expect(brokenLinks(page), page).toEqual([]);
  });
});
