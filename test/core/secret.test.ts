import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { occurrences } from "../support/memory.ts";

const bytes = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (seed * 37 + i * 101 + 13) & 0xff);

describe("Secret", () => {
  it("keeps bytes of any length in the core and gives them back", () => {
    const engine = new Engine();
    for (const length of [0, 1, 16, 32, 64, 133, 65535]) {
      const secret = Secret.import(engine, bytes(length));
      expect(secret.length).toBe(length);
      expect(secret.export()).toEqual(bytes(length));
      secret.wipe();
    }
    expect(() => Secret.import(engine, bytes(65536))).toThrow(expect.objectContaining({ code: "ERR_INTERNAL" }));
    expect(engine.core.handlesInUse()).toBe(0);
  });

  it("is copied and wiped byte for byte at every length, and nothing beside it", () => {
    const engine = new Engine();
    for (const length of [...Array(130).keys(), 2047, 2048, 2049, 2063, 5000]) {
      const secret = Secret.import(engine, bytes(length));
      const [from, to] = engine.frame((core, frame) => {
        const at = frame.take(length + 32);
        engine.bytes.fill(0xee, at, at + length + 32);
        expect(core.secretExport(secret.handle, at + 16)).toBe(0);
        const wanted = new Uint8Array(length + 32).fill(0xee);
        wanted.set(bytes(length), 16);
        expect(engine.copyOut(at, length + 32)).toEqual(wanted);
        // The frame ends at a multiple of 16; the byte behind it belongs to nobody.
        const end = at + ((length + 32 + 15) & ~15);
        engine.bytes[end] = 0xee;
        return [at, end];
      });
      expect(engine.copyOut(from, to - from)).toEqual(new Uint8Array(to - from));
      expect(engine.bytes[to]).toBe(0xee);
      engine.bytes[to] = 0;
      secret.wipe();
    }
  });

  it("MLS-9.2-07: leaves no trace in memory once it is wiped", () => {
    const engine = new Engine();
    const planted = bytes(32, 5);
    const secret = Secret.import(engine, planted);
    const copy = secret.copy();
    expect(occurrences(engine, planted)).toBe(2);
    secret.wipe();
    expect(occurrences(engine, planted)).toBe(1);
    expect(copy.export()).toEqual(planted);
    copy[Symbol.dispose]();
    expect(occurrences(engine, planted)).toBe(0);
    expect(engine.core.handlesInUse()).toBe(0);
  });

  it("throws ERR_STATE_USED after wipe, also when the slot holds another secret by then", () => {
    const engine = new Engine();
    const secret = Secret.import(engine, bytes(32));
    const { handle } = secret;
    secret.wipe();
    secret.wipe();
    const next = Secret.import(engine, bytes(32, 2));
    const used = expect.objectContaining({ code: "ERR_STATE_USED" });
    expect(() => secret.export()).toThrow(used);
    expect(() => secret.copy()).toThrow(used);
    expect(() => secret.equals(next)).toThrow(used);
    expect(() => secret.address).toThrow(used);
    expect(secret.wiped).toBe(true);
    expect(engine.core.secretAt(handle)).toBe(0);
    expect(engine.core.secretRelease(handle)).toBeLessThan(0);
    expect(next.export()).toEqual(bytes(32, 2));
  });

  it("compares: equal, one bit off, another length", () => {
    const engine = new Engine();
    const one = Secret.import(engine, bytes(32));
    const bent = bytes(32);
    bent[31]! ^= 0x80;
    expect(one.equals(Secret.import(engine, bytes(32)))).toBe(true);
    expect(one.equals(Secret.import(engine, bent))).toBe(false);
    expect(one.equals(Secret.import(engine, bytes(31)))).toBe(false);
    expect(() => one.equals(Secret.import(new Engine(), bytes(32)))).toThrow(TypeError);
  });

  it("MLS-2-01: prints a placeholder, never bytes", () => {
    const secret = Secret.import(new Engine(), bytes(32));
    expect(`${secret}`).toBe("Secret(32 bytes)");
    expect(JSON.stringify({ secret })).toBe('{"secret":"Secret(32 bytes)"}');
    const inspected = Reflect.get(secret, Symbol.for("nodejs.util.inspect.custom")) as () => string;
    expect(inspected.call(secret)).toBe("Secret(32 bytes)");
    expect(Object.keys(secret)).toEqual([]);
  });

  it("survives the end of its engine", () => {
    const engine = new Engine();
    const planted = bytes(32, 9);
    const secret = Secret.import(engine, planted);
    expect(() => engine.frame((core) => core.allocate(0xffffffff))).toThrow();
    expect(occurrences(engine, planted)).toBe(0);
    expect(() => secret.export()).toThrow(expect.objectContaining({ code: "ERR_ENGINE_POISONED" }));
    secret.wipe();
  });
});
