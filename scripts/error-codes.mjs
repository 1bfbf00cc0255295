// Finds the error codes of the library in its source: each with its class, the rules that it names, and its messages.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../bindings/", import.meta.url));
const isCode = (/** @type {string} */ text) => /^ERR_[A-Z_]+$/.test(text);
const isRule = (/** @type {string} */ text) => /^(MLS|DEF)-[0-9][0-9.]*[0-9A-Z.-]*$/.test(text);

/** Codes that a method of the reader means when it names none. */
const implied = new Map([
  ["fail", "ERR_MALFORMED"],
  ["unsupported", "ERR_UNSUPPORTED"],
]);

/** @param {string} path */
const parse = (path) => ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);

/**
 * The codes of `ErrorCode`, in their order, each under the class whose comment stands above it.
 * @returns {{ code: string; kind: string }[]}
 */
export function errorCodesOf() {
  const text = readFileSync(`${root}errors.ts`, "utf8");
  const union = text.slice(
    text.indexOf("export type ErrorCode"),
    text.indexOf(";", text.indexOf("export type ErrorCode")),
  );
  const found = [];
  let kind = "";
  for (const line of union.split("\n")) {
    kind = /^ *\/\/ (\w+Error)$/.exec(line)?.[1] ?? kind;
    const code = /"(ERR_[A-Z_]+)"/.exec(line)?.[1];
    if (code !== undefined) found.push({ code, kind });
  }
  return found;
}

/**
 * The rules that stand beside each code: in the same call, `new` expression or table entry.
 * @returns {Map<string, Set<string>>}
 */
export function rulesByCode() {
  /** @type {Map<string, Set<string>>} */
  const rules = new Map(errorCodesOf().map(({ code }) => [code, new Set()]));
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file === "errors.ts" || file.startsWith("core/generated")) continue;
    const visit = (/** @type {ts.Node} */ node) => {
      if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isArrayLiteralExpression(node)) {
        const strings = stringsOf(node);
        const method =
          ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
        const codes = strings.filter(isCode);
        const code = codes.length === 1 ? codes[0] : codes.length === 0 ? implied.get(method) : undefined;
        if (code !== undefined) for (const rule of strings.filter(isRule)) rules.get(code)?.add(rule);
      }
      ts.forEachChild(node, visit);
    };
    visit(parse(`${root}${file}`));
  }
  return rules;
}

/**
 * The strings in the arguments of a call, but not those of calls within.
 * @param {ts.CallExpression | ts.NewExpression | ts.ArrayLiteralExpression} node
 * @returns {string[]}
 */
function stringsOf(node) {
  /** @type {string[]} */
  const strings = [];
  const visit = (/** @type {ts.Node} */ inner) => {
    if (ts.isStringLiteralLike(inner)) strings.push(inner.text);
    if (ts.isFunctionLike(inner) || ts.isCallExpression(inner) || ts.isNewExpression(inner)) return;
    ts.forEachChild(inner, visit);
  };
  const parts = ts.isArrayLiteralExpression(node) ? node.elements : (node.arguments ?? []);
  for (const part of parts) {
    if (ts.isStringLiteralLike(part)) strings.push(part.text);
    else visit(part);
  }
  return strings;
}
