// benchmark.js behind a small adapter: one function, one figure.
import Benchmark from "benchmark";
import { median } from "../scenario/measurements.ts";
import type { Kernel } from "./kernel.ts";

/** Milliseconds of one call, in one run of benchmark.js of about `seconds`. */
async function measureOnce(kernel: Kernel, seconds: number): Promise<number> {
  const isAsync = kernel() instanceof Promise;
  const run = isAsync
    ? {
        defer: true,
        fn: (deferred: { resolve(): void }) => void (kernel() as Promise<unknown>).then(() => deferred.resolve()),
      }
    : { fn: () => kernel() };
  return await new Promise<number>((resolve, reject) => {
    const options = { maxTime: seconds, minSamples: 5, minTime: seconds / 10 };
    const benchmark: Benchmark = new Benchmark({
      ...options,
      ...run,
      onComplete: () => resolve(benchmark.stats.mean * 1000),
      onError: () => reject(benchmark.error),
    });
    benchmark.run({ async: true });
  });
}

/** Medians over rounds in which all kernels take turns, in milliseconds. */
export async function measureInTurn(kernels: readonly Kernel[], rounds: number, seconds: number): Promise<number[]> {
  const times: number[][] = kernels.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, kernel] of kernels.entries()) times[index]!.push(await measureOnce(kernel, seconds));
  }
  return times.map(median);
}
