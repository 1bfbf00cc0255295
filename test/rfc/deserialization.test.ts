import { describe, expect, it } from "vitest";
import { Reader } from "../../bindings/codec/reader.ts";
import { headerLength, readHeader, writeHeader } from "../../bindings/codec/varint.ts";
import { hex, toHex } from "../support/bytes.ts";
import { loadVectors } from "../support/vectors.ts";

const cases = loadVectors<{ vlbytes_header: string; length: number }[]>("mls/deserialization.json");

describe.skipIf(cases === undefined)("deserialization.json", () => {
  it("has cases", () => expect(cases!.length).toBeGreaterThan(0));

  it.each(cases ?? [])("reads and writes $vlbytes_header as $length", ({ vlbytes_header, length }) => {
    const header = hex(vlbytes_header);
    const bytes = new Uint8Array(header.length + length);
    bytes.set(header);
    expect(readHeader(bytes, 0, bytes.length)).toBe(length);
    expect(headerLength(length)).toBe(header.length);
    expect(new Reader(bytes).opaque().length).toBe(length);
    const written = new Uint8Array(4);
    expect(toHex(written.subarray(0, writeHeader(written, 0, length)))).toBe(vlbytes_header);
  });
});
