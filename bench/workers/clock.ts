// The clock of a process: the time of day, or the time that processors spent on it.
import type { Clock } from "../implementations/answer.ts";

/** The environment variable that asks for processor time. */
export const CLOCK = "GROVE_BENCH_CLOCK";

export const clock: Clock =
  process.env[CLOCK] === "processor"
    ? (): number => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      }
    : (): number => performance.now();
