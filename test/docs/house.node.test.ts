// What the documents say of the repository is what there is: folders, scripts, variables, decisions.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../bindings/index.ts";

const read = (file: string): string => readFileSync(file, "utf8");
/** Files of the repository: whatever is there and not generated. */
function filesIn(folder: string): string[] {
  return readdirSync(folder || ".", { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|build|dist|coverage|generated|target|[.](git|cache|pc).*)$/.test(entry.name)) return [];
    return entry.isDirectory() ? filesIn(`${folder}${entry.name}/`) : [`${folder}${entry.name}`];
  });
}
const files = filesIn("");

/** Folders of the repository, `depth` levels down. */
function folders(depth: number, under = ""): string[] {
  const found = files
    .filter((file) => file.startsWith(under) && file.split("/").length > depth)
    .map((file) => file.split("/").slice(0, depth).join("/"));
  return [...new Set(found)];
}

describe("ARCHITECTURE.md", () => {
  it.each(folders(1))("names the folder %s", (folder) => {
    expect(read("ARCHITECTURE.md")).toMatch(new RegExp(`^${folder.replace(".", "[.]")}/`, "m"));
  });

  it.each(["assembly/", "bindings/", "test/", "docs/"].flatMap((top) => folders(2, top)))("names %s", (folder) => {
    expect(read("ARCHITECTURE.md")).toMatch(new RegExp(`^  ([a-z.]+[/]? )*${folder.split("/")[1]!}/`, "m"));
  });

  it("lists every decision, and no other", () => {
    const linked = Array.from(read("ARCHITECTURE.md").matchAll(/docs\/decisions\/([\w-]+[.]md)/g), ([, file]) => file);
    expect(linked).toEqual(readdirSync("docs/decisions").sort());
  });
});

describe("CONTRIBUTING.md", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

  it.each(Object.keys(scripts))("or the README names the script %s", (script) => {
    const call = new RegExp(`npm (run )?${script}(?![\\w:-])`);
    expect(read("CONTRIBUTING.md") + read("README.md")).toMatch(call);
  });

  it("names no script that there is not", () => {
    const pages = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "bench/README.md"];
    for (const [, named] of pages
      .map(read)
      .join("")
      .matchAll(/npm run ([a-z][\w:-]*)/g)) {
      expect(Object.keys(scripts)).toContain(named);
    }
  });

  it("names every variable that is read", () => {
    const sources = files.filter((file) => /^(bench|cli|interop|scripts|test|\w+[.]config)\b.*[.](ts|mjs)$/.test(file));
    const variables = sources.flatMap((file) =>
      Array.from(read(file).matchAll(/process[.]env\["([A-Z_]+)"\]/g), ([, name]) => name!),
    );
    const ours = [...new Set(variables)].filter((name) => !["BARE", "NO_COLOR", "PATH", "HOME", "CI"].includes(name));
    expect(ours.length).toBeGreaterThan(4);
    for (const name of ours) expect(read("CONTRIBUTING.md"), name).toContain(`\`${name}`);
  });
});

describe("SECURITY.md", () => {
  it.each(Object.keys(defaultLimits))("names the limit %s", (limit) => {
    expect(read("SECURITY.md")).toContain(`\`${limit}\``);
  });

  it("names tests that there are", () => {
    const named = Array.from(read("SECURITY.md").matchAll(/`(test\/[\w./-]+)`/g), ([, path]) => path!);
    expect(named.length).toBeGreaterThan(4);
    for (const path of named)
      expect(
        files.some((file) => file.startsWith(path)),
        path,
      ).toBe(true);
  });
});
