// docs/errors.md is what the list of codes gives, and every rule it names is one that the source knows.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorsPage } from "../../scripts/docs-errors.mjs";
import { errorCodesOf } from "../../scripts/error-codes.mjs";
import { errorTexts } from "../../scripts/error-texts.mjs";

const page = readFileSync("docs/errors.md", "utf8");

it("is current; `npm run docs:errors` writes it anew", async () => {
  expect(page).toBe(await errorsPage());
});

it("has every code once, and no other", () => {
  const codes = errorCodesOf().map(({ code }) => code);
  expect(codes.length).toBeGreaterThan(40);
  expect([...page.matchAll(/^### (ERR_\w+)$/gm)].map(([, code]) => code)).toEqual(codes);
  expect(Object.keys(errorTexts).sort()).toEqual([...codes].sort());
  expect(errorCodesOf().every(({ kind }) => kind.endsWith("Error"))).toBe(true);
});

it("names rules that stand in the source", () => {
  const source = readdirSync("bindings", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated"))
    .map((file) => readFileSync(`bindings/${file}`, "utf8"))
    .join("");
  const rules = new Set([...page.matchAll(/`((?:MLS|DEF)-[0-9][0-9.]*[-0-9]*)`/g)].map(([, rule]) => rule!));
  expect(rules.size).toBeGreaterThan(50);
  for (const rule of rules) expect(source, rule).toContain(rule);
});
