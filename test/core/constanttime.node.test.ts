// Secrets must not steer what timing shows: branches, addresses, `select`, divisions. The kernels, and the exports made
// of them that SECURITY.md names, run with many secrets and the same public input on an instrumented core; all traces
// must be equal. GROVE_LONG=1 takes more secrets.
import asc from "assemblyscript/asc";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import type { CoreExports } from "../../bindings/core/generated/exports.ts";
import { embeddedBytes } from "../../bindings/core/embedded.ts";
import { wasmLength, wasmRanks, wasmText } from "../../bindings/core/generated/wasm.ts";
import { describeDifference, instrument, Observer } from "../../scripts/ctcheck.mjs";
import { seededBytes } from "../support/aead.ts";
import { probes, type Setting } from "../support/constanttime.ts";
import { hpkeProbes } from "../support/hpkeprobes.ts";
import { pathAndLabelProbes } from "../support/pathprobes.ts";

const secretCount = process.env["GROVE_LONG"] === "1" ? 1000 : 20;

/** The secret bytes of a run: first the extreme ones, then bytes without a pattern. */
function secretBytes(run: number, draw: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (run === 0) return bytes;
  if (run === 1) return bytes.fill(0xff);
  if (run === 2) bytes[0] = 1;
  else if (run === 3) bytes[length - 1] = 0x80;
  else if (run === 4) bytes.fill(0x80);
  else bytes.set(seededBytes(run * 1000 + draw, length));
  return bytes;
}

const core = embeddedBytes(wasmRanks, wasmText, wasmLength);
const { module, sites } = instrument(core);

/** The names of the core's functions by index; compiled anew, as the shipped module has none. */
async function functionNames(): Promise<string[]> {
  let text = "";
  await asc.main(["--config", "asconfig.json", "--target", "release", "--textFile", "names.wat"], {
    writeFile: (name, contents) => {
      if (name === "names.wat") text = String(contents);
    },
  });
  return Array.from(text.matchAll(/^ \(func \$(\S+)/gm), ([, name]) => name!);
}

describe("constant time: the exports that handle secrets", () => {
  it.each([...probes, ...hpkeProbes, ...pathAndLabelProbes])(
    "$name",
    async ({ prepare }) => {
      const observer = new Observer();
      for (let run = 0; run < secretCount; run++) {
        const instance = new WebAssembly.Instance(module, observer.imports).exports as unknown as CoreExports;
        let draw = 0;
        const put = (bytes: Uint8Array): number => {
          const at = instance.scratch(bytes.length) >>> 0;
          new Uint8Array(instance.memory.buffer).set(bytes, at);
          return at;
        };
        const setting: Setting = {
          core: instance,
          run,
          put,
          spoil: (at) => void (new Uint8Array(instance.memory.buffer)[at]! ^= 1 << (run & 7)),
          take: (length) => instance.scratch(length) >>> 0,
          secret: (length) => put(secretBytes(run, draw++, length)),
        };
        const difference = observer.watch(prepare(setting));
        if (difference === undefined) continue;
        const names = await functionNames();
        const description = describeDifference(core, difference).replace(/function (\d+)/, (all, index: string) => {
          return names[Number(index)] ?? all;
        });
        expect.fail(`secret ${run}: ${description}`);
      }
      expect(observer.events).toBeGreaterThan(10);
    },
    600_000,
  );

  it("watches a good part of the core", () => {
    expect(sites.length).toBeGreaterThan(3000);
  });
});

describe("constant time: the check itself", () => {
  // Each function gets the address of 16 secret bytes.
  const source = `(module
    (memory (export "memory") 1)
    (data (i32.const 256) "0123456789abcdef")
    (func (export "branch") (param i32) (result i32)
      (if (result i32) (i32.load8_u (local.get 0)) (then (i32.const 1)) (else (i32.const 2))))
    (func (export "earlyExit") (param i32) (result i32) (local i32)
      (block $done (loop $next
        (br_if $done (i32.ne (i32.load8_u (i32.add (local.get 0) (local.get 1))) (i32.const 0)))
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get 1) (i32.const 16)))))
      (local.get 1))
    (func (export "table") (param i32) (result i32)
      (i32.load8_u offset=256 (i32.and (i32.load8_u (local.get 0)) (i32.const 15))))
    (func (export "storeAt") (param i32) (result i32)
      (i32.store8 offset=512 (i32.load8_u (local.get 0)) (i32.const 1)) (i32.const 0))
    (func (export "vectorAt") (param i32) (result i32)
      (i8x16.extract_lane_u 0 (v128.load offset=256 (i32.load8_u (local.get 0)))))
    (func (export "laneAt") (param i32) (result i32)
      (i8x16.extract_lane_u 0 (v128.load8_lane offset=256 0 (i32.load8_u (local.get 0)) (v128.const i64x2 0 0))))
    (func (export "choice") (param i32) (result i32)
      (select (i32.const 1) (i32.const 2) (i32.and (i32.load8_u (local.get 0)) (i32.const 1))))
    (func (export "division") (param i32) (result i32)
      (i32.rem_u (i32.load (local.get 0)) (i32.const 10)))
    (func (export "longDivision") (param i32) (result i32)
      (i32.wrap_i64 (i64.div_u (i64.const 1000) (i64.or (i64.load (local.get 0)) (i64.const 1)))))
    (func (export "copyLength") (param i32) (result i32)
      (memory.copy (i32.const 512) (i32.const 256) (i32.load8_u (local.get 0))) (i32.const 0))
    (func (export "switch") (param i32) (result i32)
      (block $b (block $a (br_table $a $b (i32.load8_u (local.get 0)))) (return (i32.const 1))) (i32.const 2))
    (func (export "clean") (param i32) (result i32) (local i32 i32 i32)
      ;; A masked choice and a sum over all of a table, as secrets demand.
      (local.set 3 (i32.sub (i32.const 0) (i32.and (i32.load8_u (local.get 0)) (i32.const 1))))
      (loop $next
        (local.set 2 (i32.add (local.get 2)
          (i32.and (local.get 3) (i32.mul (i32.load8_u (local.get 0)) (i32.load8_u offset=256 (local.get 1))))))
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get 1) (i32.const 16))))
      (local.get 2)))`;
  const text = binaryen.parseText(source);
  text.setFeatures(binaryen.Features.All);
  const planted = text.emitBinary();
  const plantedCore = instrument(planted);

  function check(name: string): string | undefined {
    const observer = new Observer();
    for (let run = 0; run < 20; run++) {
      const { exports } = new WebAssembly.Instance(plantedCore.module, observer.imports);
      new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer).set(secretBytes(run, 0, 16), 64);
      const difference = observer.watch(() => (exports[name] as (at: number) => number)(64));
      if (difference !== undefined) return describeDifference(planted, difference);
    }
    return undefined;
  }

  it.each([
    ["branch", "If condition"],
    ["earlyExit", "Break condition"],
    ["table", "Load ptr"],
    ["storeAt", "Store ptr"],
    ["vectorAt", "Load ptr"],
    ["laneAt", "SIMDLoadStoreLane ptr"],
    ["choice", "Select condition"],
    ["division", "Binary left"],
    ["longDivision", "Binary right"],
    ["copyLength", "MemoryCopy size"],
    ["switch", "Switch condition"],
  ])("finds a planted leak: %s", (name, kind) => {
    const found = check(name);
    expect(found).toContain(`${kind} in function ${name}`);
  });

  it("passes code that is clean", () => {
    expect(check("clean")).toBeUndefined();
  });
});
