// Type-checks the ```ts blocks of the documentation, and follows its links to other files.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { brokenLinks, pages, programsOf } from "./docs-pages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = join(root, ".cache/docs");

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
/** @type {Map<string, string>} file of a program → where it stands */
const places = new Map();
for (const program of pages.flatMap((page) => programsOf(page))) {
  const file = join(work, `${program.page.replaceAll("/", "-")}-${places.size}.ts`);
  writeFileSync(file, `${program.code}\nexport {};\n`);
  places.set(file, `${program.page}:${program.line}`);
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
      "grove-mls/vectors": [join(root, "vectors/index.ts")],
      "grove-mls/*": [join(root, "bindings/*.ts")],
    },
  },
  root,
);
const program = ts.createProgram([...places.keys()], compilerOptions);
const faults = ts.getPreEmitDiagnostics(program);
for (const { file, start, messageText } of faults) {
  const place = file === undefined ? "" : (places.get(file.fileName) ?? relative(root, file.fileName));
  const { line } = file?.getLineAndCharacterOfPosition(start ?? 0) ?? { line: 0 };
  const code = file?.text.split("\n")[line]?.trim() ?? "";
  console.error(`${place}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}\n    ${code}`);
}
const broken = pages.flatMap((page) => brokenLinks(page).map((target) => `${page}: a link leads nowhere: ${target}`));
for (const fault of broken) console.error(fault);
console.log(
  `documentation: ${pages.length} pages, ${places.size} programs, ${faults.length} faults of types, ${broken.length} of links`,
);
process.exitCode = faults.length + broken.length === 0 ? 0 : 1;
