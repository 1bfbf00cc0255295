// Looks for planted secrets in the whole of an engine's memory.
import type { Engine } from "../../bindings/core/engine.ts";

/** How often `needle` stands in the linear memory of the core. */
export function occurrences(engine: Engine, needle: Uint8Array): number {
  const haystack = engine.bytes;
  let count = 0;
  for (let at = haystack.indexOf(needle[0]!); at >= 0; at = haystack.indexOf(needle[0]!, at + 1)) {
    let same = 1;
    while (same < needle.length && haystack[at + same] === needle[same]) same++;
    if (same === needle.length) count++;
  }
  return count;
}
