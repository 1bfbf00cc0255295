import { describe, expect, it } from "vitest";
import {
  CryptoError,
  DecodeError,
  InternalError,
  MlsError,
  StateError,
  UnsupportedError,
  ValidationError,
} from "../../bindings/errors.ts";

describe("names of errors", () => {
  const kinds = { MlsError, CryptoError, DecodeError, InternalError, StateError, UnsupportedError, ValidationError };
  it.each(Object.entries(kinds))("%s is written out, also where a minifier renamed the class", (name, kind) => {
    const error = new kind("ERR_INTERNAL", "it happened");
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: it happened`);
    expect(error.stack).toContain(name);
    // Not from the class, whose name is the minifier's to choose.
    expect(Object.getOwnPropertyDescriptor(kind.prototype, "name")?.value).toBe(name);
  });
});
