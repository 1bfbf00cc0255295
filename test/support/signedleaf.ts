// Signed leaves and key packages made by hand, and the core's batch verification of them.
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";
import { utf8 } from "./bytes.ts";
import { type LeafParts, leafParts, lifetime, u16, vector } from "./leaf.ts";

export const groupId: Uint8Array = utf8("the group");

/** A leaf and where it is said to stand. */
export interface PlacedLeaf {
  leaf: Uint8Array;
  leafIndex: number;
}

export type Source = "key_package" | "update" | "commit";

/** A seed that depends on `index` alone. */
export function seedOf(index: number): Uint8Array {
  return new Uint8Array(32).fill(index + 1);
}

/** SignContent (RFC 9420 section 5.1.2). */
export function signContent(label: string, content: number[]): Uint8Array {
  return Uint8Array.from([...vector(utf8(`MLS 1.0 ${label}`)), ...vector(content)]);
}

const sources: Record<Source, number[]> = {
  key_package: lifetime(10n, 20n),
  update: [2],
  commit: [3, ...vector(new Array<number>(32).fill(0xcc))],
};

/** What the signature of a leaf covers. */
export function leafTbs(parts: LeafParts, source: Source, leafIndex: number, group: Uint8Array): number[] {
  const fields = Object.entries(parts).flatMap(([name, bytes]) => (name === "signature" ? [] : (bytes as number[])));
  if (source === "key_package") return fields;
  return [...fields, ...vector(group), ...u16(Math.floor(leafIndex / 65536), leafIndex % 65536)];
}

/** A leaf signed for its place in the group. */
export function signedLeaf(
  leafIndex: number,
  source: Source = "commit",
  changes: Partial<LeafParts> = {},
  label = "LeafNodeTBS",
  group: Uint8Array = groupId,
): Uint8Array<ArrayBuffer> {
  const seed = seedOf(leafIndex % 200);
  const parts = leafParts({
    encryptionKey: vector(Uint8Array.from({ length: 32 }, (_, i) => (leafIndex >> (8 * (i & 1))) & 255)),
    signatureKey: vector(ed25519.getPublicKey(seed)),
    source: sources[source],
    ...changes,
  });
  const signature = ed25519.sign(signContent(label, leafTbs(parts, source, leafIndex, group)), seed);
  return Uint8Array.from(Object.values({ ...parts, signature: changes.signature ?? vector(signature) }).flat());
}

/** A key package around a leaf, signed with the seed of `index`. */
export function signedKeyPackage(
  index: number,
  leaf: Uint8Array = signedLeaf(index, "key_package"),
  label = "KeyPackageTBS",
): Uint8Array<ArrayBuffer> {
  const fields = [...u16(1, 1), ...vector(new Uint8Array(32).fill(0x1e)), ...leaf, ...vector()];
  const signature = ed25519.sign(signContent(label, fields), seedOf(index % 200));
  return Uint8Array.from([...fields, ...vector(signature)]);
}

/** A status, and what failed first where it is one of failure. */
export interface Verdict {
  status: number;
  failure?: number;
}

const seed = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

function verdict(
  engine: Engine,
  operation: (words: (numbers: number[]) => number, failure: number) => number,
): Verdict {
  return engine.frame((core, frame) => {
    const failure = frame.take(4);
    const status = operation((numbers) => frame.put(new Uint8Array(Uint32Array.from(numbers).buffer)), failure);
    return status === STATUS_OK ? { status } : { status, failure: engine.word(failure) };
  });
}

/** Verifies a list of leaves. */
export function verifyLeaves(engine: Engine, leaves: readonly PlacedLeaf[], group: Uint8Array = groupId): Verdict {
  return engine.frame((core, frame) =>
    verdict(engine, (words, failure) =>
      core.leavesVerify(
        leaves.length,
        words(leaves.map(({ leaf }) => frame.put(leaf))),
        words(leaves.map(({ leaf }) => leaf.length)),
        words(leaves.map(({ leafIndex }) => leafIndex)),
        frame.put(group),
        group.length,
        frame.put(seed),
        failure,
      ),
    ),
  );
}

/** Verifies all leaves of a tree. */
export function verifyTree(engine: Engine, handle: number, group: Uint8Array = groupId): Verdict {
  return engine.frame((core, frame) =>
    verdict(engine, (_, failure) =>
      core.treeVerifyLeaves(handle, frame.put(group), group.length, frame.put(seed), failure),
    ),
  );
}

/** Verifies key packages. */
export function verifyKeyPackages(engine: Engine, packages: readonly Uint8Array[]): Verdict {
  return engine.frame((core, frame) =>
    verdict(engine, (words, failure) =>
      core.keyPackagesVerify(
        packages.length,
        words(packages.map((bytes) => frame.put(bytes))),
        words(packages.map(({ length }) => length)),
        frame.put(seed),
        failure,
      ),
    ),
  );
}

/** The SignContent that the core writes for a leaf. */
export function coreSignContent(
  engine: Engine,
  { leaf, leafIndex }: PlacedLeaf,
  group: Uint8Array = groupId,
): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(leaf.length + group.length + 40);
    const status = core.leafSignContent(dst, frame.put(leaf), leaf.length, frame.put(group), group.length, leafIndex);
    if (status < 0) throw new Error(`status ${status}`);
    return engine.copyOut(dst, status);
  });
}
