// What a runtime that cannot run the core is told. Every test loads the module anew, since it compiles once.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const load = async () => import("../../bindings/core/module.ts");
const real = WebAssembly;

/** WebAssembly with some of its members replaced. */
function stub(members: Partial<typeof WebAssembly>): void {
  vi.stubGlobal("WebAssembly", Object.assign(Object.create(real), members));
}

describe("loading the core", () => {
  beforeEach(() => void vi.resetModules());
  afterEach(() => void vi.unstubAllGlobals());

  it("compiles once, synchronously or not", async () => {
    const { coreModule, coreModuleAsync } = await load();
    const module = await coreModuleAsync();
    expect(module).toBeInstanceOf(WebAssembly.Module);
    expect(coreModule()).toBe(module);
    expect(await coreModuleAsync()).toBe(module);
  });

  it("says that WebAssembly is missing", async () => {
    const { coreModule, coreModuleAsync } = await load();
    vi.stubGlobal("WebAssembly", undefined);
    const expected = { name: "InternalError", code: "ERR_NO_WASM", message: "this runtime has no WebAssembly" };
    expect(coreModule).toThrow(expect.objectContaining(expected));
    await expect(coreModuleAsync()).rejects.toMatchObject(expected);
  });

  it("says that SIMD is missing", async () => {
    const { coreModule, coreModuleAsync } = await load();
    const asked: number[] = [];
    stub({
      validate: (bytes) => {
        asked.push(bytes.byteLength);
        return false;
      },
    });
    const expected = { name: "InternalError", code: "ERR_NO_SIMD", message: expect.stringContaining("SIMD") };
    expect(coreModule).toThrow(expect.objectContaining(expected));
    await expect(coreModuleAsync()).rejects.toMatchObject(expected);
    expect(asked).toEqual([29, 29]);
  });

  it("says what a runtime needs that refuses to compile, and keeps the cause", async () => {
    const { coreModule, coreModuleAsync } = await load();
    const cause = new RangeError("not on the main thread");
    stub({
      Module: vi.fn(function () {
        throw cause;
      }) as unknown as typeof WebAssembly.Module,
      compile: () => Promise.reject(cause),
    });
    const expected = { code: "ERR_NO_WASM", cause, message: expect.stringContaining("'wasm-unsafe-eval'") };
    expect(coreModule).toThrow(expect.objectContaining(expected));
    await expect(coreModuleAsync()).rejects.toMatchObject(expected);
  });

  it("compiles after a refusal, once it may", async () => {
    const { coreModule } = await load();
    vi.stubGlobal("WebAssembly", undefined);
    expect(coreModule).toThrow();
    vi.unstubAllGlobals();
    expect(coreModule()).toBeInstanceOf(WebAssembly.Module);
  });
});
