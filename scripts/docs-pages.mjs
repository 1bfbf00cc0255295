// The documentation as its checks see it: pages, and the code in them. A ```ts block may be preceded by a comment
//   <!-- check: declare const directory: Directory; -->
// with what its prose takes for granted; `<!-- check: continues -->` joins it to the block before it. Blocks that are
// joined are one program, which runs unless something in it is only declared.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Folders whose Markdown is documentation, beside the pages at the root. */
const folders = ["docs", "examples"];

/** Pages, as seen from the root. */
export const pages = readdirSync(root)
  .concat(
    folders.flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    ),
  )
  .filter((file) => file.endsWith(".md") && !/node_modules|^docs[/]api[/]/.test(file))
  .sort();

/**
 * @typedef {object} Program
 * @property {string} page
 * @property {number} line where its first block stands
 * @property {string} code with the comment before it
 * @property {boolean} runs whether it can: nothing in it is only declared, or fetched
 */

/**
 * The programs of a page.
 * @param {string} page
 * @param {string} [text]
 * @returns {Program[]}
 */
export function programsOf(page, text = readFileSync(root + page, "utf8")) {
  /** @type {Program[]} */
  const programs = [];
  for (const match of text.matchAll(/(?:<!-- check:((?:(?!-->)[^])*)-->\s*)?^```ts\n([^]*?)^```$/gm)) {
    const [, note = "", block = ""] = match;
    const last = programs.at(-1);
    if (note.trim() === "continues") {
      if (last === undefined) throw new Error(`${page}: a block continues nothing`);
      last.code += `\n${block}`;
      continue;
    }
    programs.push({
      page,
      line: text.slice(0, match.index).split("\n").length,
      code: `${note.trim()}\n${block}`,
      runs: true,
    });
  }
  for (const program of programs) program.runs = !/^\s*declare |\bfetch\(/m.test(program.code);
  return programs;
}

/**
 * What a program says that it prints, line by line: comments of the form `// prints: text`.
 * @param {string} code
 * @returns {string[]}
 */
export function announced(code) {
  return Array.from(code.matchAll(/\/\/ prints: (.*)$/gm), ([, text = ""]) => text.trim());
}

/**
 * Links of a page to other files of the repository that lead nowhere: no such file, or no such heading.
 * @param {string} page
 * @returns {string[]}
 */
export function brokenLinks(page) {
  const text = readFileSync(root + page, "utf8");
  const prose = text.replaceAll(/^(```+)[^]*?^\1$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = "", heading] = target.split("#");
      const file = path === "" ? page : fileURLToPath(new URL(path, `file:///${page}`)).slice(1);
      if (!existsSync(root + file)) return true;
      return heading !== undefined && !headingsOf(readFileSync(root + file, "utf8")).includes(heading);
    });
}

/**
 * Anchors of a page's headings, as GitHub makes them.
 * @param {string} text
 */
function headingsOf(text) {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
