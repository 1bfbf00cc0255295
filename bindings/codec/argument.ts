// Arguments of callers: what is no byte string is refused, not read as an empty one.

/** Throws TypeError unless `value` is a Uint8Array; `what` names it, with its article. */
export function requireBytes(value: unknown, what: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} is a Uint8Array`);
}
