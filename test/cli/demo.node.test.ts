import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { x448 } from "../../bindings/suites/x448.ts";
import { runDemo } from "../../cli/demo.ts";
import { playSupport } from "../../cli/support.ts";

const readme = fileURLToPath(new URL("../../README.md", import.meta.url));

describe("grove demo", () => {
  it("plays a group, and says what its suite can do as the README shows it", async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(...line.split("\n"));
    const code = await runDemo({ members: 16, cipherSuite: 1, threads: 1, suites: [], print });
    expect(code).toBe(0);
    expect(lines).toContainEqual(
      expect.stringMatching(/ in all on one thread, at most [\d.]+ MB of memory for all of them$/),
    );
    const start = lines.indexOf("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519");
    expect(lines.slice(start)).toHaveLength(12);
    expect(readFileSync(readme, "utf8")).toContain(lines.slice(start).join("\n"));
  });

  it("says it where a suite cannot do something", () => {
    const [first] = playSupport(4, []);
    expect(first?.answer).toMatch(/^NO: /);
    expect(playSupport(4, x448).every(({ answer }) => answer === "yes")).toBe(true);
  });
});
