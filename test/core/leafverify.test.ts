import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import {
  STATUS_HANDLE,
  STATUS_LEAF_NODE,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_PUBLIC_KEY,
  STATUS_SIGNATURE,
} from "../../bindings/core/generated/status.ts";
import { RatchetTree } from "../../bindings/tree/ratchettree.ts";
import { toHex, utf8 } from "../support/bytes.ts";
import { vector } from "../support/leaf.ts";
import {
  coreSignContent,
  type PlacedLeaf,
  signContent,
  signedKeyPackage,
  signedLeaf,
  type Source,
  verifyKeyPackages,
  verifyLeaves,
  verifyTree,
} from "../support/signedleaf.ts";
import { engine, inUse, seed, treeSuite } from "../support/tree.ts";

const placed = (leafIndex: number, source?: Source): PlacedLeaf => ({ leaf: signedLeaf(leafIndex, source), leafIndex });
const spoiled = (bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> => {
  const changed = bytes.slice();
  changed[at < 0 ? changed.length + at : at]! ^= 1;
  return changed;
};
// The right signature with one byte more, in a vector of 65 bytes.
const lengthened = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(...bytes.subarray(0, -66), ...vector([...bytes.subarray(-64), 0]));
const ok = { status: STATUS_OK };
const bad = (failure: number, status = STATUS_SIGNATURE): object => ({ status, failure });

describe("signatures of leaves", () => {
  it("verify for every source, index and group, and for no other place (MLS-7.2-02, MLS-7.3-03)", () => {
    for (const leafIndex of [0, 1, 255, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      for (const source of ["update", "commit"] as const) {
        const { leaf } = placed(leafIndex, source);
        expect(verifyLeaves(engine, [{ leaf, leafIndex }])).toEqual(ok);
        expect(verifyLeaves(engine, [{ leaf, leafIndex: (leafIndex ^ 1) >>> 0 }])).toEqual(bad(0));
        expect(verifyLeaves(engine, [{ leaf, leafIndex: (leafIndex ^ 0x80000000) >>> 0 }])).toEqual(bad(0));
        expect(verifyLeaves(engine, [{ leaf, leafIndex }], utf8("the groups"))).toEqual(bad(0));
        expect(verifyLeaves(engine, [{ leaf, leafIndex }], utf8(""))).toEqual(bad(0));
      }
      const { leaf } = placed(leafIndex, "key_package");
      expect(verifyLeaves(engine, [{ leaf, leafIndex: 3 }], utf8("any group"))).toEqual(ok);
    }
  });

  it("cover SignContent with the label LeafNodeTBS (MLS-5.1.2-03, MLS-5.1.2-04)", () => {
    for (const label of ["KeyPackageTBS", "FramedContentTBS", "GroupInfoTBS"]) {
      expect(verifyLeaves(engine, [{ leaf: signedLeaf(0, "commit", {}, label), leafIndex: 0 }])).toEqual(bad(0));
    }
    // Lengths around the ends of the vector headers.
    for (const length of [0, 1, 63, 64, 16000, 16383, 16384]) {
      const group = new Uint8Array(length).fill(5);
      for (const source of ["key_package", "update", "commit"] as const) {
        const leafIndex = 0x01020304;
        const { leaf } = placed(leafIndex, source);
        const fields = [...leaf.subarray(0, leaf.length - 66)];
        const tbs = source === "key_package" ? fields : [...fields, ...vector(group), ...[1, 2, 3, 4]];
        expect(toHex(coreSignContent(engine, { leaf, leafIndex }, group))).toBe(toHex(signContent("LeafNodeTBS", tbs)));
      }
    }
  });

  it("fail for a flip of any byte, and the right leaf is named", () => {
    const leaves = [placed(0), placed(1, "update"), placed(2, "key_package"), placed(3)];
    expect(verifyLeaves(engine, leaves)).toEqual(ok);
    leaves.forEach(({ leaf, leafIndex }, i) => {
      let named = 0;
      for (let at = 0; at < leaf.length; at++) {
        const changed = leaves.slice();
        changed[i] = { leaf: spoiled(leaf, at), leafIndex };
        const result = verifyLeaves(engine, changed);
        expect(result.status, `byte ${at}`).toBeLessThan(0);
        expect(result.failure).toBe(i);
        if (result.status === STATUS_SIGNATURE) named++;
      }
      expect(named).toBeGreaterThan(100);
    });
  });

  it("name the first failure, of whatever kind", () => {
    const good = Array.from({ length: 9 }, (_, i) => placed(i));
    const kinds: [number, Uint8Array][] = [
      [STATUS_SIGNATURE, lengthened(signedLeaf(4))],
      [STATUS_SIGNATURE, spoiled(signedLeaf(4), -1)],
      [STATUS_MALFORMED, signedLeaf(4).subarray(0, -1)],
      [STATUS_MALFORMED, Uint8Array.of(...signedLeaf(4), 0)],
      [STATUS_MALFORMED, new Uint8Array()],
      [STATUS_PUBLIC_KEY, signedLeaf(4, "commit", { signatureKey: vector(new Uint8Array(31)) })],
      [STATUS_SIGNATURE, signedLeaf(4, "commit", { signature: vector(new Uint8Array(63)) })],
      [STATUS_SIGNATURE, signedLeaf(4, "commit", { signature: vector() })],
    ];
    for (const [status, leaf] of kinds) {
      const list = good.with(4, { leaf, leafIndex: 4 });
      expect(verifyLeaves(engine, list)).toEqual(bad(4, status));
      for (const [laterStatus, later] of kinds) {
        expect(verifyLeaves(engine, list.with(2, { leaf: later, leafIndex: 2 }))).toEqual(bad(2, laterStatus));
      }
    }
    expect(verifyLeaves(engine, [])).toEqual(ok);
  });

  it("verify beyond one batch, by number and by size", () => {
    const three = [placed(0), placed(1), placed(2)];
    const list = Array.from({ length: 2300 }, (_, i) => three[i % 3]!);
    expect(verifyLeaves(engine, list)).toEqual(ok);
    for (const at of [0, 2045, 2046, 2047, 2048, 2299]) {
      const item = list[at]!;
      expect(verifyLeaves(engine, list.with(at, { ...item, leaf: spoiled(item.leaf, -1) }))).toEqual(bad(at));
    }
    expect(verifyLeaves(engine, list.with(2200, { leaf: new Uint8Array(3), leafIndex: 0 }))).toEqual(
      bad(2200, STATUS_MALFORMED),
    );
    // A long group_id fills a batch by its bytes: memory stays bounded.
    const own = new Engine();
    const long = new Uint8Array(300_000);
    const leaf = signedLeaf(9, "update", {}, undefined, long);
    const placedLong: PlacedLeaf[] = Array.from({ length: 100 }, () => ({ leaf, leafIndex: 9 }));
    const before = own.bytes.length;
    expect(verifyLeaves(own, placedLong, long)).toEqual(ok);
    expect(verifyLeaves(own, placedLong.with(77, placed(9, "update")), long)).toEqual(bad(77));
    expect(own.bytes.length - before).toBeLessThan(12 << 20);
  });

  it("verify for a whole tree, its overlay, and across blanks", () => {
    const before = inUse();
    using tree = RatchetTree.create(engine, treeSuite(1), seed);
    {
      using staged = tree.fork();
      for (let i = 0; i < 9; i++) staged.add(signedLeaf(i, i % 2 === 0 ? "update" : "commit"));
      staged.remove(3);
      staged.remove(6);
      expect(verifyTree(engine, staged.handle)).toEqual(ok);
      staged.merge().close();
    }
    expect(verifyTree(engine, tree.handle)).toEqual(ok);
    expect(verifyTree(engine, tree.handle, utf8("another"))).toEqual(bad(0));
    {
      using staged = tree.fork();
      // Signed for leaf 8 but placed at leaf 5; and a spoiled signature behind it.
      staged.update(5, signedLeaf(8, "update", { encryptionKey: vector(new Uint8Array(32).fill(0xab)) }));
      staged.update(7, spoiled(signedLeaf(7), -2));
      expect(verifyTree(engine, staged.handle)).toEqual(bad(5));
      staged.update(5, signedLeaf(5, "update", { encryptionKey: vector(new Uint8Array(32).fill(0xac)) }));
      expect(verifyTree(engine, staged.handle)).toEqual(bad(7));
      expect(verifyTree(engine, tree.handle)).toEqual(ok);
    }
    const { handle } = tree;
    tree.close();
    expect(verifyTree(engine, handle).status).toBe(STATUS_HANDLE);
    expect(inUse()).toEqual(before);
  });
});

describe("signatures of key packages", () => {
  const packages = Array.from({ length: 5 }, (_, i) => signedKeyPackage(i));

  it("verify both, the leaf's and the package's (MLS-10-05, MLS-10.1-03)", () => {
    expect(verifyKeyPackages(engine, packages)).toEqual(ok);
    expect(verifyKeyPackages(engine, [])).toEqual(ok);
    // The package's signature is right, the leaf's is not; and the other way round.
    const leaf = spoiled(signedLeaf(2, "key_package"), -1);
    expect(verifyKeyPackages(engine, packages.with(2, signedKeyPackage(2, leaf)))).toEqual(bad(2));
    expect(verifyKeyPackages(engine, packages.with(2, spoiled(packages[2]!, -1)))).toEqual(bad(2));
    expect(verifyKeyPackages(engine, packages.with(2, lengthened(packages[2]!)))).toEqual(bad(2));
    // Signed by another key than the leaf's.
    const foreign = signedKeyPackage(3, signedLeaf(2, "key_package"));
    expect(verifyKeyPackages(engine, packages.with(2, foreign))).toEqual(bad(2));
  });

  it("fail for a flip of any byte, and the right package is named", () => {
    for (let at = 0; at < packages[3]!.length; at++) {
      const result = verifyKeyPackages(engine, packages.with(3, spoiled(packages[3]!, at)));
      expect(result.status, `byte ${at}`).toBeLessThan(0);
      expect(result.failure).toBe(3);
    }
  });

  it("fail when cut short or lengthened", () => {
    const whole = packages[1]!;
    for (let length = 0; length < whole.length; length++) {
      expect(verifyKeyPackages(engine, packages.with(1, whole.subarray(0, length)))).toEqual(bad(1, STATUS_MALFORMED));
    }
    expect(verifyKeyPackages(engine, packages.with(1, Uint8Array.of(...whole, 0)))).toEqual(bad(1, STATUS_MALFORMED));
  });

  it("cover the labels (MLS-5.1.2-04) and want a leaf of a key package (MLS-7.3-10)", () => {
    expect(verifyKeyPackages(engine, [signedKeyPackage(0, undefined, "LeafNodeTBS")])).toEqual(bad(0));
    const mislabelled = signedLeaf(0, "key_package", {}, "KeyPackageTBS");
    expect(verifyKeyPackages(engine, [signedKeyPackage(0, mislabelled)])).toEqual(bad(0));
    for (const source of ["update", "commit"] as const) {
      expect(verifyKeyPackages(engine, [signedKeyPackage(0, signedLeaf(0, source))])).toEqual(bad(0, STATUS_LEAF_NODE));
    }
  });

  it("verify beyond one batch, and name the first failure of any kind", () => {
    const list = Array.from({ length: 1100 }, (_, i) => packages[i % 5]!);
    expect(verifyKeyPackages(engine, list)).toEqual(ok);
    for (const at of [1022, 1023, 1024, 1099]) {
      expect(verifyKeyPackages(engine, list.with(at, spoiled(list[at]!, -1)))).toEqual(bad(at));
    }
    expect(verifyKeyPackages(engine, list.with(1030, new Uint8Array(2)).with(1027, spoiled(list[1027]!, -1)))).toEqual(
      bad(1027),
    );
  });
});
