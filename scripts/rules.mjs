// Which rules of RFC 9420 are enforced, and which of them a test names: `npm run rules`. An ID is MLS-<section>-NN, or
// DEF-NN for a defence of our own; "MLS-7.5-08, -09" and "MLS-7.2-03..05" name several.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const mention = /\b(MLS-[1-9]\d*(?:\.\d+)*|DEF)-(\d\d[a-z]?)(?:\.\.(\d\d)\b|((?:,? (?:and )?-\d\d[a-z]?\b)+))?/g;

/** The IDs that a text names. */
export function rulesIn(text) {
  const found = [];
  for (const [, section, first, last, more = ""] of text.matchAll(mention)) {
    found.push(`${section}-${first}`);
    for (let number = Number(first) + 1; number <= Number(last ?? 0); number++) {
      found.push(`${section}-${String(number).padStart(2, "0")}`);
    }
    for (const [, number] of more.matchAll(/-(\d\d[a-z]?)/g)) found.push(`${section}-${number}`);
  }
  return found;
}

/** Where each ID stands: a map to the files that name it. */
export function rulesUnder(folders, isWanted) {
  const places = new Map();
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true }).sort()) {
      const path = join(folder, name);
      if (!name.endsWith(".ts") || !isWanted(path)) continue;
      for (const rule of rulesIn(readFileSync(join(root, path), "utf8"))) {
        places.set(rule, [...new Set([...(places.get(rule) ?? []), path])]);
      }
    }
  }
  return places;
}

const numbers = (rule) => rule.match(/\d+/g).map(Number);

/** In the order of the RFC's sections. */
function inOrder(a, b) {
  if (a[0] !== b[0]) return a < b ? 1 : -1;
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((number, i) => number !== right[i]);
  return at < 0 ? 0 : left[at] - (right[at] ?? 0);
}

/** What is enforced, what is tested, and the difference either way. */
export function report() {
  const enforced = rulesUnder(["assembly", "bindings"], (path) => !path.includes("generated"));
  const tested = rulesUnder(["test"], (path) => path.endsWith(".test.ts") && !path.endsWith("rules.node.test.ts"));
  const missing = (from, of) => [...from.keys()].filter((rule) => !of.has(rule)).sort(inOrder);
  return { enforced, tested, untested: missing(enforced, tested), unenforced: missing(tested, enforced) };
}

function main() {
  const { enforced, tested, untested, unenforced } = report();
  for (const rule of untested) console.log(`no test names ${rule}: ${enforced.get(rule).join(", ")}`);
  if (unenforced.length > 0) {
    console.log(`named by tests alone, because they follow from other rules or from how groups are made:`);
    for (const rule of unenforced) console.log(`  ${rule}: ${tested.get(rule).join(", ")}`);
  }
  console.log(`rules: ${enforced.size} named where they are enforced, ${untested.length} of them in no test`);
  if (untested.length > 0) process.exitCode = 1;
}

if (process.argv[1] === new URL(import.meta.url).pathname) main();
