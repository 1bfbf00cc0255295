// The README's example is run as it stands there.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("README.md", () => {
  it("shows an example that works", async () => {
    const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8"))!;
    const lines = example!.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
    expect(lines.length).toBeLessThanOrEqual(16);
    const { outputFiles } = await build({
      stdin: { contents: `const directory = { holds: () => true };\n${example!}`, loader: "ts", resolveDir: root },
      alias: { "grove-mls": `${root}bindings/index.ts` },
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
    });
    const printed: unknown[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line) => printed.push(line));
    try {
      await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString("base64")}`);
    } finally {
      log.mockRestore();
    }
    expect(printed).toEqual(["hello, group"]);
  });
});
