// The reporter behind the last lines of `npm test`: minutes per suite, then counts per platform.
import type { Reporter, SerializedError, TestModule } from "vitest/node";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  milliseconds: number;
}

const none = (): Counts => ({ passed: 0, failed: 0, skipped: 0, milliseconds: 0 });

/** A suite is a folder of `test/`. */
function suiteOf(module: TestModule): string {
  return /(?:^|\/)test\/([^/]+)\//.exec(module.moduleId)?.[1] ?? "other";
}

export default class Summary implements Reporter {
  readonly #chromiumIsMissing: boolean;

  constructor(chromiumIsMissing: boolean) {
    this.#chromiumIsMissing = chromiumIsMissing;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const platforms = new Map<string, Counts>([["node", none()]]);
    if (!this.#chromiumIsMissing) platforms.set("chromium", none());
    const suites = new Map<string, Counts>();
    let browserTests = 0;
    for (const module of modules) {
      const platform = module.project.name;
      const counts = count(module);
      add(platforms, platform, counts);
      add(suites, `${platform} ${suiteOf(module)}`, counts);
      if (!module.moduleId.endsWith(".node.test.ts")) browserTests += counts.passed + counts.failed + counts.skipped;
    }
    // What vitest cannot lay at the door of one test fails the run, and so it must show in the count.
    platforms.get("node")!.failed += unhandledErrors.length;
    if (this.#chromiumIsMissing) {
      console.log("chromium: none installed (CHROMIUM_PATH may name one), the browser's tests are skipped");
      platforms.set("chromium", { ...none(), skipped: browserTests });
    }
    for (const [suite, counts] of [...suites].sort(([a], [b]) => a.localeCompare(b))) {
      console.log(`suite ${suite}: ${(counts.milliseconds / 60_000).toFixed(2)} min`);
    }
    for (const [platform, { passed, failed, skipped }] of platforms) {
      console.log(`${platform}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    }
  }
}

function count(module: TestModule): Counts {
  const counts = none();
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === "passed" || state === "skipped") counts[state]++;
    else counts.failed++; // a test that never reported is not a test that passed
  }
  // A file that fails outside its tests (an import, a hook) counts as one failure.
  if (counts.failed === 0 && module.state() === "failed") counts.failed++;
  // A file that found nothing to test (its vectors are not at hand) counts as one skipped test.
  if (counts.passed + counts.failed + counts.skipped === 0) counts.skipped++;
  counts.milliseconds = module.diagnostic().duration;
  return counts;
}

function add(totals: Map<string, Counts>, name: string, counts: Counts): void {
  const total = totals.get(name) ?? none();
  for (const key of ["passed", "failed", "skipped", "milliseconds"] as const) total[key] += counts[key];
  totals.set(name, total);
}
