// Type-checks every ```ts block of the README and of docs/. A block may be preceded by a comment
//   <!-- check: declare const directory: Directory; -->
// with what its prose takes for granted; `<!-- check: continues -->` joins it to the block before it.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = join(root, ".cache/docs");
const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].concat(
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
);

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
/** @type {Map<string, string>} file of a block → where it stands */
const places = new Map();
for (const page of pages) {
  const text = readFileSync(join(root, page), "utf8");
  let previous = "";
  for (const match of text.matchAll(/(?:<!-- check: ([^]*?) -->\s*)?^```ts\n([^]*?)^```$/gm)) {
    const [, note = "", block = ""] = match;
    const code = note === "continues" ? previous + block : `${note}\n${block}`;
    previous = code;
    const file = join(work, `${page.replaceAll("/", "-")}-${places.size}.ts`);
    writeFileSync(file, `${code}\nexport {};\n`);
    places.set(file, `${page}:${text.slice(0, match.index).split("\n").length}`);
  }
}

const options = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8")).config;
const { options: compilerOptions } = ts.convertCompilerOptionsFromJson(
  {
    ...options.compilerOptions,
    isolatedDeclarations: false,
    declaration: false,
    types: ["node"],
    // Examples import the package by its name; here it is the source itself.
    paths: {
      "grove-mls": [join(root, "bindings/index.ts")],
      "grove-mls/json": [join(root, "json/index.ts")],
      "grove-mls/*": [join(root, "bindings/*")],
    },
  },
  root,
);
const program = ts.createProgram([...places.keys()], compilerOptions);
const faults = ts.getPreEmitDiagnostics(program);
for (const { file, messageText } of faults) {
  const place = file === undefined ? "" : (places.get(file.fileName) ?? relative(root, file.fileName));
  console.error(`${place}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}
console.log(`documentation: ${places.size} examples, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
