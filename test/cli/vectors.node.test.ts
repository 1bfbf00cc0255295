// `grove vectors`: what is printed, and the exit codes 0, 1 and 2.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isUsageError } from "../../cli/usage.ts";
import { runVectors } from "../../cli/vectors.ts";
import { vectorKinds } from "../../vectors/index.ts";

const place = mkdtempSync(join(tmpdir(), "grove-vectors-"));
const at = (name: string): string => join(place, name);

interface TreeValidation {
  tree: string;
  tree_hashes: string[];
}

const read = <T = object>(kind: string): T[] => JSON.parse(readFileSync(at(`${kind}.json`), "utf8"));
const write = (name: string, content: unknown): void => writeFileSync(at(name), JSON.stringify(content));

interface Ran {
  readonly code: number;
  readonly printed: readonly string[];
  readonly warned: readonly string[];
}

async function run(...args: string[]): Promise<Ran> {
  const printed: string[] = [];
  const warned: string[] = [];
  const output = { print: (line: string) => printed.push(line), warn: (line: string) => warned.push(line) };
  const code = await runVectors(args, output).catch((error: unknown) => {
    if (!isUsageError(error)) throw error;
    warned.push((error as Error).message);
    return 2;
  });
  return { code, printed, warned };
}

beforeAll(async () => {
  for (const kind of vectorKinds) {
    expect(await run("generate", kind, "--count", "2", "--seed", kind, "--out", at(`${kind}.json`))).toEqual({
      code: 0,
      printed: [],
      warned: [],
    });
  }
});

afterAll(() => rmSync(place, { recursive: true }));

describe("grove vectors verify", () => {
  it("recognises all 16 kinds by their form and prints passed/total for every file, then the sum", async () => {
    expect(vectorKinds).toHaveLength(16);
    const { code, printed } = await run("verify", place);
    expect(printed).toEqual([...[...vectorKinds].map((kind) => `${at(kind)}.json: 2/2`).sort(), "32/32"]);
    expect(code).toBe(0);
  });

  it("takes files and folders, single cases and mixed files", async () => {
    mkdirSync(at("nested/deeper"), { recursive: true });
    const [first, second] = ["welcome", "tree-math"].map((kind) => read(kind)[0]);
    write("nested/deeper/mixed.json", [first, second]);
    write("nested/one.json", second);
    writeFileSync(at("nested/readme.txt"), "not a vector file");
    const { code, printed } = await run("verify", at("nested"), at("messages.json"));
    expect(printed).toEqual([
      `${at("nested/deeper/mixed.json")}: 2/2`,
      `${at("nested/one.json")}: 1/1`,
      `${at("messages.json")}: 2/2`,
      "5/5",
    ]);
    expect(code).toBe(0);
    rmSync(at("nested"), { recursive: true });
  });

  it("names the case, the place and the rule, and exits with 1", async () => {
    const cases = read<TreeValidation>("tree-validation") as [TreeValidation, TreeValidation];
    cases[1].tree_hashes[2] = cases[1].tree_hashes[0]!;
    write("bad/hash.json", cases);
    const { code, printed } = await run("verify", at("bad"));
    expect(printed).toEqual([
      `${at("bad/hash.json")}: 1/2`,
      expect.stringMatching(/^ {2}case 1: tree_hashes\[2\] is "[0-9a-f]+" instead of "[0-9a-f]+"$/),
      "1/2",
    ]);
    expect(code).toBe(1);
    cases[1].tree_hashes = cases[0].tree_hashes;
    cases[1].tree = `${cases[1].tree.slice(0, -2)}00`;
    write("bad/hash.json", cases[1]);
    const refused = await run("verify", at("bad"));
    expect(refused.printed[1]).toMatch(/^ {2}case 0: /);
    expect(refused.code).toBe(1);
    write("bad/hash.json", [{ ...read("welcome")[0], cipher_suite: 8 }]);
    expect((await run("verify", at("bad"))).printed[1]).toBe(
      "  case 0: ERR_UNSUPPORTED cipher suite 8 instead of 1 to 7 [MLS-17.1-04]",
    );
  });

  const content: readonly [what: string, text: string | undefined, expected: readonly (string | RegExp)[]][] = [
    ["no file", undefined, [/^ {2}ENOENT/, "0/0"]],
    ["an empty file", "", [/^ {2}.*JSON/, "0/0"]],
    ["no JSON", "vectors", [/^ {2}.*JSON/, "0/0"]],
    ["no case", "[]", ["  there is no case in this file", "0/0"]],
    ["another object", '{"mls":1}', ["  case 0: the case is of no known kind", "0/1"]],
    ["null", "null", ["  case 0: the case is of no known kind", "0/1"]],
    ["numbers", "[1,2]", [/no known kind$/, /no known kind$/, "0/2"]],
  ];
  it.each(content)("fails for %s, and goes on", async (_, text, expected) => {
    const file = at("bad/content.json");
    if (text !== undefined) writeFileSync(file, text);
    const { code, printed } = await run("verify", file, at("deserialization.json"));
    rmSync(file, { force: true });
    const total = String(expected.at(-1));
    const [passed, all] = total.split("/").map(Number);
    const lines = expected.slice(0, -1).map((line) => (line instanceof RegExp ? expect.stringMatching(line) : line));
    expect(printed).toEqual([
      `${file}: ${total}`,
      ...lines,
      `${at("deserialization.json")}: 2/2`,
      `${passed! + 2}/${all! + 2}`,
    ]);
    expect(code).toBe(1);
  });

  it("fails for a folder without .json files", async () => {
    mkdirSync(at("empty"));
    const { code, printed } = await run("verify", at("empty"));
    expect(printed).toEqual([`${at("empty")}: 0/0`, "  there is no .json file in this folder", "0/0"]);
    expect(code).toBe(1);
    rmSync(at("empty"), { recursive: true });
  });

  beforeAll(() => mkdirSync(at("bad")));
  afterAll(() => rmSync(at("bad"), { recursive: true }));
});

describe("grove vectors generate", () => {
  it("prints vectors, the same for the same seed", async () => {
    const made = async (...args: string[]): Promise<string> => {
      const { code, printed, warned } = await run("generate", "welcome", ...args);
      expect([code, warned]).toEqual([0, []]);
      return printed.join("\n");
    };
    const first = await made("--suite", "2", "--seed", "a");
    expect(JSON.parse(first)).toMatchObject([{ cipher_suite: 2 }]);
    expect(await made("--suite", "2", "--seed", "a")).toBe(first);
    expect(await made("--suite", "2", "--seed", "b")).not.toBe(first);
    expect(await made("--suite", "2")).not.toBe(await made("--suite", "2"));
  });

  it("fails where it cannot write", async () => {
    await expect(run("generate", "welcome", "--out", at("none/of.json"))).rejects.toThrow("ENOENT");
  });
});

it.each([
  [],
  ["check"],
  ["verify"],
  ["verify", "--suite", "1"],
  ["generate"],
  ["generate", "wellcome"],
  ["generate", "welcome", "messages"],
  ["generate", "welcome", "--suite", "8"],
  ["generate", "welcome", "--suite", "1.5"],
  ["generate", "welcome", "--count", "0"],
  ["generate", "welcome", "--count", "many"],
  ["generate", "welcome", "--seeds", "1"],
])("does not understand", async (...args) => {
  const { code, printed, warned } = await run(...args);
  expect([code, printed, warned.length]).toEqual([2, [], 1]);
});

describe("the command", () => {
  const main = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "cli/main.ts", ...args], { encoding: "utf8" });

  it("is `grove vectors`, and explains itself", () => {
    const done = main("vectors", "verify", at("psk_secret.json"));
    expect(done).toMatchObject({ status: 0, stdout: `${at("psk_secret.json")}: 2/2\n2/2\n`, stderr: "" });
    const wrong = main("vectors", "verify");
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^grove: vectors verify takes files or folders\n\nusage: grove demo/);
    expect(main("vectors", "verify", at("none.json"))).toMatchObject({ status: 1 });
    expect(
      execFileSync(process.execPath, ["--import", "tsx", "cli/main.ts", "--help"], { encoding: "utf8" }),
    ).toContain("grove vectors verify PATH...");
  });
});
