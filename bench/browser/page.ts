// bench/browser.html: founds the groups, measures Grove in them, and draws the curves as it goes.
import { Answering } from "../implementations/answer.ts";
import { Grove } from "../implementations/grove.ts";
import type { GroveModule } from "../scenario/module.ts";
import { sheetOf } from "../report/svg.ts";
import { printTables } from "../report/tables.ts";
import type { Contest } from "../scenario/contest.ts";
import { Host } from "../scenario/host.ts";
import { Measurements, type Result } from "../scenario/measurements.ts";
import { operationNames } from "../scenario/operations.ts";
import { runContest } from "../scenario/run.ts";

declare global {
  /** The results, once the run has ended. */
  var benchResults: readonly Result[] | undefined;
}

const element = (id: string): HTMLElement => document.getElementById(id)!;
const progress = element("progress") as HTMLOutputElement;

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = new FormData(event.target as HTMLFormElement).getAll("members").map(Number);
  (element("choice") as HTMLFieldSetElement).disabled = true;
  run(chosen).then(
    () => (progress.value = "done"),
    (error: unknown) => (progress.value = String(error)),
  );
});

async function run(sizes: readonly number[]): Promise<void> {
  // Not bundled: it is the published module that is measured.
  const module = "/dist/index.js";
  const grove = (await import(module)) as GroveModule;
  const party = new Answering(new Grove(grove, "", "this browser"));
  const measurements = new Measurements();
  const contest: Contest = {
    host: new Host(grove),
    contestants: [{ party, description: await party.ask("hello", {}), largest: Infinity }],
    measurements,
    moments: new Map(),
    plan: { only: new Set(operationNames), rounds: (members) => (members > 1000 ? 3 : 5), enough: 10_000 },
    round: async (members, phase, round) => {
      progress.value = `n = ${members.toLocaleString("en")}, ${phase}, round ${round + 1}`;
      element("sheet").innerHTML = sheetOf(measurements.results);
      await new Promise(requestAnimationFrame);
    },
  };
  await runContest(contest, sizes);
  const { results, stops } = measurements;
  element("sheet").innerHTML = sheetOf(results);
  element("table").textContent = printTables(results, stops);
  globalThis.benchResults = results;
}
