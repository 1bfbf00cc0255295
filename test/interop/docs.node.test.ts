// docs/interop.md lists every known difference, and no other.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { differences as mlsRs } from "../../interop/native/mlsrs.ts";
import { differences as openmls } from "../../interop/native/openmls.ts";
import { differences as tsMls } from "../../interop/tsmls/differences.ts";

const page = readFileSync(new URL("../../docs/interop.md", import.meta.url), "utf8");

it.each([
  ["ts-mls", tsMls],
  ["OpenMLS", openmls],
  ["mls-rs", mlsRs],
])("docs/interop.md has the table of %s", (name, differences) => {
  const [, section] = page.split(`### Known differences of ${name} `);
  const [own] = section!.split("\n#");
  const rows = [...own!.matchAll(/^\| (MLS\S+) +\| `(\w+)` +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
  expect(rows).toEqual(differences.map(({ rule, call, what }) => [rule, call, what]));
});
