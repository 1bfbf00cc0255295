// Every program of examples/ is run, and prints what its last lines say.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const programs = readdirSync(`${root}examples`).filter((file) => file.endsWith(".ts"));

/** The comment lines after `// Prints:`. */
function announced(source: string): string[] {
  const lines = source.trimEnd().split("\n");
  const start = lines.indexOf("// Prints:");
  expect(start).toBeGreaterThan(0);
  return lines.slice(start + 1).map((line) => line.replace(/^\/\/ /, ""));
}

describe("examples", () => {
  it("are the six that their README lists", () => {
    const listed = [...readFileSync(`${root}examples/README.md`, "utf8").matchAll(/\| \[([a-z0-9-]+\.ts)\]/g)];
    expect(listed.map(([, name]) => name).sort()).toEqual([...programs].sort());
    expect(programs).toHaveLength(6);
  });

  it.each(programs)("%s prints what it says", async (program) => {
    const { outputFiles } = await build({
      entryPoints: [`${root}examples/${program}`],
      alias: { "grove-mls": `${root}bindings/index.ts` },
      external: ["node:*"],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
    });
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...parts: unknown[]) => {
      printed.push(parts.map((part) => (typeof part === "bigint" ? `${part}n` : String(part))).join(" "));
    });
    try {
      await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString("base64")}`);
    } finally {
      log.mockRestore();
    }
    expect(printed).toEqual(announced(readFileSync(`${root}examples/${program}`, "utf8")));
  });
});
