// The figures about the browser: the same engine, in Chromium and in Node, in turn.
import { columnOf } from "../report/tables.ts";
import { median, type Result } from "../scenario/measurements.ts";
import type { Figure } from "./figure.ts";

/** The middle and the worst ratio over all operations, per group size. */
export function browserFigures(results: readonly Result[]): Figure[] {
  const sizes = [...new Set(results.map(({ members }) => members))].sort((a, b) => a - b);
  return sizes.flatMap((members): Figure[] => {
    const here = results.filter((row) => row.members === members);
    const ratios = here
      .filter((row) => columnOf(row) === "grove, browser")
      .flatMap(({ operation, milliseconds }) => {
        const inNode = here.find((row) => row.operation === operation && columnOf(row) === "grove");
        return inNode === undefined ? [] : [{ operation, ratio: milliseconds / inNode.milliseconds }];
      })
      .sort((one, other) => other.ratio - one.ratio);
    const [worst] = ratios;
    if (worst === undefined) return [];
    const size = `n = ${members.toLocaleString("en")}`;
    const rule = "1.3 x Node";
    const middle = median(ratios.map(({ ratio }) => ratio));
    return [
      { subject: `in the browser, ${size}, median of all`, rule, limit: 1.3, measured: middle, unit: "x" },
      { subject: `in the browser, ${size}, ${worst.operation}`, rule, limit: 1.3, measured: worst.ratio, unit: "x" },
    ];
  });
}
