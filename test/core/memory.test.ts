import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";

describe("the allocator", () => {
  it("hands out zeroed, disjoint, aligned blocks and takes them all back", () => {
    const engine = new Engine();
    const { core } = engine;
    const atRest = core.memoryInUse();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.nat()), { maxLength: 200 }), (steps) => {
        const live: { at: number; length: number; mark: number }[] = [];
        for (const [length, choice] of steps) {
          if (choice % 3 === 0 && live.length > 0) {
            const [block] = live.splice(choice % live.length, 1);
            for (const end of [0, block!.length - 1]) {
              if (block!.length > 0) expect(engine.bytes[block!.at + end]).toBe(block!.mark);
            }
            core.release(block!.at);
            continue;
          }
          const at = core.allocate(length) >>> 0;
          expect(at % 16).toBe(0);
          expect(engine.bytes.subarray(at, at + length).every((byte) => byte === 0)).toBe(true);
          const mark = 1 + (choice % 255);
          engine.bytes.fill(mark, at, at + length);
          live.push({ at, length, mark });
        }
        for (const block of live) {
          expect(engine.bytes.subarray(block.at, block.at + block.length).every((byte) => byte === block.mark)).toBe(
            true,
          );
          core.release(block.at);
        }
        expect(core.memoryInUse()).toBe(atRest);
      }),
      { numRuns: 100 },
    );
  });

  it("reuses what was released: memory stays flat", () => {
    const engine = new Engine();
    const { core } = engine;
    const round = (): void => {
      const blocks = Array.from({ length: 500 }, (_, i) => core.allocate(17 * i) >>> 0);
      for (const block of blocks) core.release(block);
    };
    round();
    const pages = core.memory.buffer.byteLength;
    for (let i = 0; i < 50; i++) round();
    expect(core.memory.buffer.byteLength).toBe(pages);
  });

  it("wipes scratch when a frame ends, also by an exception", () => {
    const engine = new Engine();
    let seen: number[] = [];
    const use = (fail: boolean): void =>
      engine.frame((_core, frame) => {
        seen = [100, 300_000, 20, 2_000_000].map((length) => {
          const at = frame.take(length);
          engine.bytes.fill(0xa5, at, at + length);
          return at;
        });
        if (fail) throw new RangeError("on purpose");
      });
    for (const fail of [false, true]) {
      if (fail) expect(() => use(true)).toThrow(RangeError);
      else use(false);
      for (const at of seen) expect(engine.bytes.subarray(at, at + 20).includes(0xa5)).toBe(false);
    }
    expect(engine.frame((_core, frame) => frame.take(8))).toBe(seen[0]);
  });

  it("poisons the engine when the core traps", () => {
    const engine = new Engine();
    expect(() => engine.frame((core) => core.allocate(0xffffffff))).toThrow(
      expect.objectContaining({ code: "ERR_INTERNAL" }),
    );
    expect(() => engine.core).toThrow(expect.objectContaining({ code: "ERR_ENGINE_POISONED" }));
  });

  it("uses all of the address space but its last page, at whose end addresses would wrap", () => {
    const engine = new Engine();
    const { memory } = engine.core;
    const pages = (): number => memory.buffer.byteLength / 65_536;
    memory.grow(65_536 - pages() - 40);
    let end = 0;
    const fill = (): void =>
      engine.frame((core) => {
        for (;;) end = (core.allocate(65_536) >>> 0) + 65_536;
      });
    expect(fill).toThrow(expect.objectContaining({ code: "ERR_INTERNAL" }));
    expect(end).toBe(65_535 * 65_536);
    expect(pages()).toBe(65_535);
  });
});
