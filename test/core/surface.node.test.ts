// The core's export surface: what it needs from the host (nothing), what it offers (a reviewed list),
// and that no managed object has crept in.
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { describe, expect, it } from "vitest";
import { ABI_VERSION } from "../../bindings/core/generated/layout.ts";
import { instantiateCore } from "../../bindings/core/load.ts";
import { coreModule } from "../../bindings/core/module.ts";

describe("the core's surface", () => {
  it("imports nothing", () => {
    expect(WebAssembly.Module.imports(coreModule())).toEqual([]);
  });

  it("exports exactly what surface.txt lists (npm run surface:update rewrites the list for review)", () => {
    const found = WebAssembly.Module.exports(coreModule()).map(({ kind, name }) => `${kind} ${name}`);
    const listed = readFileSync(new URL("surface.txt", import.meta.url), "utf8")
      .trimEnd()
      .split("\n");
    expect(found.sort()).toEqual(listed);
  });

  it("tells its ABI version", () => {
    expect(instantiateCore(coreModule()).abiVersion()).toBe(ABI_VERSION);
  });

  it("holds no function of the managed runtime", async () => {
    // Compiled without optimization, so that every function still stands under its own name.
    let text = "";
    const { error } = await asc.main(
      ["assembly/index.ts", "--runtime", "stub", "--use", "abort=", "--enable", "simd", "--textFile", "core.wat"],
      {
        writeFile: (name, contents) => {
          if (name === "core.wat") text = contents as string;
        },
      },
    );
    expect(error).toBeNull();
    expect(text).toContain("$assembly/memory/allocate");
    expect([...text.matchAll(/^ \(func \$(~lib\/rt\S*)/gm)].map(([, name]) => name)).toEqual([]);
  });
});
