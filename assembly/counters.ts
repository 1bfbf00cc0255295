// How many public-key operations and hash compressions the core has done: what the demo, the
// benchmark and the tests of asymptotic cost count. Plain numbers, no secrets.

import { COUNT_KINDS } from "./layout";

const counters = memory.data((<i32>COUNT_KINDS) << 3, 8);

/** Adds `many` to a counter. */
export function countOperations(kind: i32, many: u32): void {
  const at = counters + ((<usize>kind) << 3);
  store<u64>(at, load<u64>(at) + <u64>many);
}

/** A counter's value since the start, as a float that is exact below 2^53. */
export function operationCount(kind: i32): f64 {
  return <u32>kind < <u32>COUNT_KINDS ? <f64>load<u64>(counters + ((<usize>kind) << 3)) : 0;
}
