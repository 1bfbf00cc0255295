import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddedBytes } from "../../bindings/core/embedded.ts";
import { wasmLength, wasmRanks, wasmText } from "../../bindings/core/generated/wasm.ts";
import { embed } from "../../scripts/embed.mjs";

describe("the embedded module", () => {
  it("is the compiled core, byte for byte", () => {
    const core = new Uint8Array(readFileSync(new URL("../../build/core.wasm", import.meta.url)));
    expect(embeddedBytes(wasmRanks, wasmText, wasmLength)).toEqual(core);
  });

  it("reads back whatever was written, in printable characters that need no escape", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const { ranks, text } = embed(bytes);
        expect(text).toMatch(/^[#-[\]-~]*$/);
        expect(embeddedBytes(ranks, text, bytes.length)).toEqual(bytes);
      }),
    );
  });

  it("reads back every byte, however rare", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { ranks, text } = embed(bytes);
    expect(text).toHaveLength(89 + 2 * 167);
    expect(embeddedBytes(ranks, text, 256)).toEqual(bytes);
  });
});
