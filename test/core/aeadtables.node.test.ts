import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keptConstant, tables } from "../../scripts/aes-tables.mjs";

it("aead: AES uses the tables that the script derives", () => {
  const source = readFileSync(new URL("../../assembly/aead/aes.ts", import.meta.url), "utf8");
  const literal = /const tables: usize = memory\.data<u8>\([^[]*\[([^\]]*)\]/.exec(source)![1]!;
  const bytes = literal.match(/0x[0-9a-f]{2}/g)!.map(Number);
  expect(bytes).toEqual(tables.flatMap(([, table]) => table));
  expect(source).toContain(`0x${keptConstant.toString(16)}`);
});
