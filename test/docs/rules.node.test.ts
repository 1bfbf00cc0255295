import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { rulesIn } from "../../scripts/rules.mjs";

describe("npm run rules", () => {
  it.each<[string, string[]]>([
    ["// MLS-7.3-04", ["MLS-7.3-04"]],
    ["(MLS-7.5-08, -09, MLS-12.4.3.1-15)", ["MLS-7.5-08", "MLS-7.5-09", "MLS-12.4.3.1-15"]],
    ["MLS-7.2-03..05, MLS-7.2-09", ["MLS-7.2-03", "MLS-7.2-04", "MLS-7.2-05", "MLS-7.2-09"]],
    ["MLS-12.4.2-02b and DEF-05", ["MLS-12.4.2-02b", "DEF-05"]],
    ["MLS-0-00, MLS-Exporter, MLS-7.3", []],
  ])("finds in %j", (text, rules) => {
    expect(rulesIn(text)).toEqual(rules);
  });

  it("finds every rule that is enforced in a test", () => {
    const output = execFileSync("node", ["scripts/rules.mjs"], { encoding: "utf8" });
    expect(output).toMatch(/rules: \d{3} named where they are enforced, 0 of them in no test/);
  });
});
