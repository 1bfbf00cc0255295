// docs/interop.md lists every known difference, and no other.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { differences } from "../../interop/tsmls/differences.ts";

const page = readFileSync(new URL("../../docs/interop.md", import.meta.url), "utf8");

it("docs/interop.md has the table of ts-mls", () => {
  const section = page.slice(page.indexOf("### Known differences of ts-mls"));
  const rows = [...section.matchAll(/^\| (MLS\S+) +\| `(\w+)` +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
  expect(rows).toEqual(differences.map(({ rule, call, what }) => [rule, call, what]));
});
