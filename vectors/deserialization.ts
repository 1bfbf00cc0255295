import { headerLength, readHeader, writeHeader } from "../bindings/codec/varint.ts";
import { hex, same, toHex, type VectorKind } from "./kind.ts";

interface Deserialization {
  readonly vlbytes_header: string;
  readonly length: number;
}

function headerOf(length: number): Uint8Array {
  const header = new Uint8Array(headerLength(length));
  writeHeader(header, 0, length);
  return header;
}

/** The length before a vector (RFC 9420 section 2.1.2). */
export const deserialization: VectorKind = {
  name: "deserialization",
  fields: ["vlbytes_header", "length"],
  verify: ({ vlbytes_header, length }: Deserialization) => {
    const header = hex(vlbytes_header);
    same("length", readHeader(header, 0, header.length + length), length);
    same("vlbytes_header", toHex(headerOf(length)), vlbytes_header);
  },
  generate: (_suite, _tools, index) => {
    const length = [0, 63, 64, 16383, 16384, 2 ** 30 - 1][index % 6]!;
    return { vlbytes_header: toHex(headerOf(length)), length };
  },
};
