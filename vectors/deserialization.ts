import { headerLength, readHeader, writeHeader } from "../bindings/codec/varint.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { bytes, record, same, uint32 } from "./shape.ts";

const shape = record({ vlbytes_header: bytes, length: uint32 });

function headerOf(length: number): Uint8Array {
  const header = new Uint8Array(headerLength(length));
  writeHeader(header, 0, length);
  return header;
}

/** The length before a vector (RFC 9420 section 2.1.2). */
export const deserialization: VectorKind = vectorKind("deserialization", shape, {
  verify: ({ vlbytes_header: header, length }) => {
    same("length", readHeader(header, 0, header.length + length), length);
    same("vlbytes_header", headerOf(length), header);
  },
  generate: (_suite, _tools, index) => {
    const length = [0, 63, 64, 16383, 16384, 2 ** 30 - 1][index % 6]!;
    return { vlbytes_header: headerOf(length), length };
  },
});
