// Handles: a released one stays dead, however many others come and go after it.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { KDF_SHA256 } from "../../bindings/core/generated/layout.ts";
import { STATUS_HANDLE, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { leafBytes, vector } from "../support/leaf.ts";

const GENERATIONS = 2047;
const FEWEST_FREE = 64;

describe("handles", () => {
  it.each([1, FEWEST_FREE, 1000])("of which %i are free do not come back after as many uses as a slot has", (free) => {
    const { core } = new Engine();
    const released = Array.from({ length: free }, () => core.secretImport(0, 16));
    for (const handle of released) expect(core.secretRelease(handle)).toBe(STATUS_OK);
    const stale = released.at(-1);
    for (let i = 0; i <= 2 * GENERATIONS; i++) {
      const handle = core.secretImport(0, 16);
      expect(core.secretLength(stale)).toBe(STATUS_HANDLE);
      expect(core.secretRelease(handle)).toBe(STATUS_OK);
    }
    expect(core.handlesInUse()).toBe(0);
  });

  it("each name their own secret, in whatever order they are released", () => {
    const { core } = new Engine();
    const live = new Map<number, number>();
    for (let round = 1; round <= 60; round++) {
      for (let i = 0; i < 40; i++) {
        const length = 1 + ((7 * round + i) % 97);
        live.set(core.secretImport(0, length), length);
      }
      expect(core.handlesInUse()).toBe(live.size);
      for (const [handle, length] of live) expect(core.secretLength(handle)).toBe(length);
      for (const handle of [...live.keys()].filter((_, i) => (i * round) % 3 === 0 || round % 20 === 0)) {
        expect(core.secretRelease(handle)).toBe(STATUS_OK);
        expect(core.secretRelease(handle)).toBe(STATUS_HANDLE);
        live.delete(handle);
      }
    }
    expect(core.handlesInUse()).toBe(0);
  });

  it("of an overlay do not answer once another tree has come to the handle of its own", () => {
    const engine = new Engine();
    engine.frame((core, frame) => {
      const seed = frame.take(16);
      const leaf = leafBytes({
        encryptionKey: vector(new Uint8Array(32).fill(1)),
        signatureKey: vector(new Uint8Array(32).fill(2)),
        source: [2],
      });
      const at = frame.put(leaf);
      const tree = core.treeCreate(KDF_SHA256, 32, seed);
      const staged = core.treeFork(tree);
      expect(core.treeAddLeaf(staged, at, leaf.length)).toBe(0);
      expect(core.treeLeafCount(staged)).toBe(1);
      core.treeRelease(tree);
      // The new tree also has the place in memory that the old one had.
      let again = core.treeCreate(KDF_SHA256, 32, seed);
      for (let i = 0; again !== tree && i < (FEWEST_FREE + 2) * GENERATIONS; i++) {
        core.treeRelease(again);
        again = core.treeCreate(KDF_SHA256, 32, seed);
      }
      expect(again).toBe(tree);
      expect(core.treeLeafCount(staged)).toBe(STATUS_HANDLE);
      expect(core.treeMerge(staged)).toBe(STATUS_HANDLE);
      expect(core.treeRelease(staged)).toBe(STATUS_OK);
      expect(core.treeRelease(again)).toBe(STATUS_OK);
    });
    expect(engine.core.handlesInUse()).toBe(0);
  });
});
