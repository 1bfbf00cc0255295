// The rules of RFC 9420, section 9, on the secret tree and its ratchets.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { AEAD_AES128GCM, COUNT_HASH, KDF_SHA256 } from "../../bindings/core/generated/layout.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { type Ratchet, SecretTree } from "../../bindings/schedule/ratchet.ts";
import { utf8 } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";

const guard = Uint8Array.of(1, 2, 3, 4);
const aad = utf8("aad");
const root = Uint8Array.from({ length: 32 }, (_, i) => 200 - i);
const limits = { skippedKeys: 4, forwardGenerations: 20 };

function newTree(engine: Engine, leafCount = 8, bounds = limits): SecretTree {
  return SecretTree.create(KDF_SHA256, AEAD_AES128GCM, Secret.import(engine, root), leafCount, bounds);
}

/** Ciphertexts of generations 0..count-1 of one leaf. */
function send(engine: Engine, count: number, leafIndex = 3, ratchet: Ratchet = "application"): Uint8Array[] {
  const tree = newTree(engine);
  const sent = Array.from({ length: count }, (_, generation) => {
    const sealed = tree.seal(leafIndex, ratchet, guard, aad, utf8(`message ${generation}`));
    expect(sealed.generation).toBe(generation);
    return sealed.ciphertext;
  });
  tree.wipe();
  return sent;
}

const at = (generation: number, leafIndex = 3, ratchet: Ratchet = "application") => ({
  leafIndex,
  ratchet,
  generation,
});

function receive(tree: SecretTree, sent: readonly Uint8Array[], generation: number): string {
  const plaintext = tree.open(at(generation), guard, aad, sent[generation]!);
  tree.consume(at(generation));
  return new TextDecoder().decode(plaintext);
}

const ratchetError = (rule: string) => expect.objectContaining({ code: "ERR_RATCHET", rule });
const consumed = ratchetError("MLS-9.2-04");
const ahead = ratchetError("MLS-15.3-02");
const forged = expect.objectContaining({ code: "ERR_DECRYPT" });

describe("receiving", () => {
  it("MLS-9.2-04, MLS-15.3-04: opens out of order within the window, refuses a replay", () => {
    const engine = new Engine();
    const sent = send(engine, 6);
    const tree = newTree(engine);
    for (const generation of [2, 0, 5, 3, 1, 4]) {
      expect(receive(tree, sent, generation)).toBe(`message ${generation}`);
      expect(() => tree.open(at(generation), guard, aad, sent[generation]!)).toThrow(consumed);
      expect(() => tree.consume(at(generation))).toThrow(consumed);
    }
    expect(tree.state(3, "application")).toEqual({ generation: 6, skipped: 0, exhausted: false });
  });

  it("MLS-9.2-05, MLS-15.3-01: keeps as many skipped keys as the window, evicts the oldest", () => {
    const engine = new Engine();
    const sent = send(engine, 12);
    const tree = newTree(engine);
    receive(tree, sent, 3);
    expect(tree.state(3, "application").skipped).toBe(3);
    receive(tree, sent, 6);
    expect(tree.state(3, "application").skipped).toBe(4);
    expect(() => receive(tree, sent, 0)).toThrow(consumed);
    expect(receive(tree, sent, 1)).toBe("message 1");
    receive(tree, sent, 11);
    for (const evicted of [2, 4, 5, 7 - 1]) expect(() => receive(tree, sent, evicted)).toThrow(consumed);
    for (const kept of [7, 8, 9, 10]) expect(receive(tree, sent, kept)).toBe(`message ${kept}`);
  });

  it("keeps nothing with a window of 0", () => {
    const engine = new Engine();
    const sent = send(engine, 3);
    const tree = newTree(engine, 8, { ...limits, skippedKeys: 0 });
    expect(receive(tree, sent, 2)).toBe("message 2");
    expect(() => receive(tree, sent, 1)).toThrow(consumed);
  });

  it("MLS-15.3-02, MLS-15.3-03: a generation too far ahead costs no derivation, 0xffffffff above all", () => {
    const engine = new Engine();
    const sent = send(engine, 22);
    const tree = newTree(engine);
    const hashes = (): number => engine.core.operationCount(COUNT_HASH);
    const inUse = engine.core.memoryInUse();
    const before = hashes();
    for (const generation of [21, 1000, 0x7fffffff, 0x80000000, 0xffffffff]) {
      expect(() => tree.open(at(generation), guard, aad, sent[21]!)).toThrow(ahead);
      expect(() => tree.consume(at(generation))).toThrow(ahead);
    }
    expect(hashes()).toBe(before);
    expect(engine.core.memoryInUse()).toBe(inUse);
    expect(receive(tree, sent, 20)).toBe("message 20");
    // The limit counts from where the ratchet stands.
    expect(receive(tree, sent, 21)).toBe("message 21");
    const moved = hashes();
    expect(() => tree.open(at(43), guard, aad, sent[21]!)).toThrow(ahead);
    expect(hashes()).toBe(moved);
  });

  it("MLS-9.2-06: a forgery, and a message opened but not confirmed, consume nothing", () => {
    const engine = new Engine();
    const sent = send(engine, 6);
    const tree = newTree(engine);
    const inUse = engine.core.memoryInUse();
    const bent = sent[5]!.slice();
    bent[0]! ^= 1;
    expect(() => tree.open(at(5), guard, aad, bent)).toThrow(forged);
    expect(() => tree.open(at(5), Uint8Array.of(1, 2, 3, 5), aad, sent[5]!)).toThrow(forged);
    expect(() => tree.open(at(5), guard, utf8("other"), sent[5]!)).toThrow(forged);
    expect(() => tree.open(at(4), guard, aad, sent[5]!)).toThrow(forged);
    expect(() => tree.open(at(5, 2), guard, aad, sent[5]!)).toThrow(forged);
    expect(() => tree.open(at(0), guard, aad, new Uint8Array(15))).toThrow(forged);
    expect(tree.open(at(5), guard, aad, sent[5]!)).toEqual(utf8("message 5"));
    expect(tree.state(3, "application")).toEqual({ generation: 0, skipped: 0, exhausted: false });
    expect(engine.core.memoryInUse()).toBe(inUse);
    for (const generation of [5, 4, 3]) expect(receive(tree, sent, generation)).toBe(`message ${generation}`);
    // The same for a skipped key.
    expect(() => tree.open(at(2), guard, aad, bent)).toThrow(forged);
    expect(receive(tree, sent, 2)).toBe("message 2");
  });

  it("MLS-9.1-03: handshake and application ratchets are apart", () => {
    const engine = new Engine();
    const sent = send(engine, 1, 3, "handshake");
    const tree = newTree(engine);
    expect(() => tree.open(at(0), guard, aad, sent[0]!)).toThrow(forged);
    expect(tree.open(at(0, 3, "handshake"), guard, aad, sent[0]!)).toEqual(utf8("message 0"));
    tree.consume(at(0, 3, "handshake"));
    expect(tree.state(3, "application").generation).toBe(0);
  });

  it("MLS-6.3.2-07: refuses a leaf outside the tree before it derives anything", () => {
    const engine = new Engine();
    const tree = newTree(engine);
    const before = engine.core.operationCount(COUNT_HASH);
    for (const leafIndex of [8, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const sender = expect.objectContaining({ code: "ERR_SENDER", leafIndex });
      expect(() => tree.open(at(0, leafIndex), guard, aad, new Uint8Array(20))).toThrow(sender);
      expect(() => tree.consume(at(0, leafIndex))).toThrow(sender);
      expect(() => tree.seal(leafIndex, "application", guard, aad, aad)).toThrow(sender);
    }
    expect(engine.core.operationCount(COUNT_HASH)).toBe(before);
  });

  it("agrees with a plain model over random orders", () => {
    const engine = new Engine();
    const sent = send(engine, 40);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 39 }), { maxLength: 60 }), (order) => {
        const tree = newTree(engine);
        let head = 0;
        let skipped: number[] = [];
        for (const generation of order) {
          const open = (): string => receive(tree, sent, generation);
          if (generation < head) {
            if (skipped.includes(generation)) expect(open()).toBe(`message ${generation}`);
            else expect(open).toThrow(consumed);
            skipped = skipped.filter((kept) => kept !== generation);
          } else if (generation - head > limits.forwardGenerations) {
            expect(open).toThrow(ahead);
          } else {
            expect(open()).toBe(`message ${generation}`);
            for (; head < generation; head++) skipped.push(head);
            skipped = skipped.slice(-limits.skippedKeys);
            head++;
          }
          expect(tree.state(3, "application")).toEqual({ generation: head, skipped: skipped.length, exhausted: false });
        }
        tree.wipe();
      }),
      { numRuns: 60 },
    );
    expect(engine.core.handlesInUse()).toBe(0);
  });
});

describe("sending", () => {
  it("MLS-9.1-02: never uses a generation twice", () => {
    const engine = new Engine();
    const sent = send(engine, 3);
    expect(new Set(sent.map((message) => message.join())).size).toBe(3);
    const tree = newTree(engine);
    tree.seal(3, "application", guard, aad, utf8("message 0"));
    expect(() => tree.consume(at(0))).toThrow(consumed);
    tree.consume(at(1));
    expect(tree.seal(3, "application", guard, aad, utf8("message 2"))).toEqual({ generation: 2, ciphertext: sent[2] });
  });
});

describe("the deletion schedule", () => {
  it("MLS-9.2-02: the tree takes the encryption_secret over, and deletes it at the first use of a leaf", () => {
    const engine = new Engine();
    const secret = Secret.import(engine, root);
    const tree = SecretTree.create(KDF_SHA256, AEAD_AES128GCM, secret, 8, limits);
    expect(() => secret.export()).toThrow(expect.objectContaining({ code: "ERR_STATE_USED" }));
    expect(occurrences(engine, root)).toBe(1);
    const sent = send(engine, 1);
    tree.open(at(0), guard, aad, sent[0]!);
    expect(occurrences(engine, root)).toBe(1);
    tree.consume(at(0));
    expect(occurrences(engine, root)).toBe(0);
  });

  it("MLS-9.2-01, MLS-9.2-03, MLS-9.2-04: path secrets, ratchet secrets and keys go, siblings stay", () => {
    const engine = new Engine();
    const expand = (secret: Uint8Array, label: string, context: Uint8Array, length = 32): Uint8Array =>
      engine.frame((core, frame) => {
        const dst = frame.take(length);
        const text = utf8(label);
        core.expandWithLabel(
          KDF_SHA256,
          dst,
          length,
          frame.put(secret),
          secret.length,
          frame.put(text),
          text.length,
          frame.put(context),
          context.length,
        );
        return engine.copyOut(dst, length);
      });
    const child = (secret: Uint8Array, side: "left" | "right"): Uint8Array => expand(secret, "tree", utf8(side));
    const generation = (value: number): Uint8Array => Uint8Array.of(0, 0, 0, value);
    // Leaf 5 of 8: right, left, right.
    const [left, right] = [child(root, "left"), child(root, "right")];
    const [rightLeft, rightRight] = [child(right, "left"), child(right, "right")];
    const [sibling, leaf] = [child(rightLeft, "left"), child(rightLeft, "right")];
    const handshake = expand(leaf, "handshake", new Uint8Array());
    const application = [expand(leaf, "application", new Uint8Array())];
    for (let j = 0; j < 3; j++) application.push(expand(application[j]!, "secret", generation(j)));
    const keys = application.map((secret, j) => expand(secret, "key", generation(j), 16));
    const nonces = application.map((secret, j) => expand(secret, "nonce", generation(j), 12));

    const sent = send(engine, 2, 5);
    const tree = newTree(engine);
    const standing = (secrets: Uint8Array[]): number[] => secrets.map((secret) => occurrences(engine, secret));
    tree.open(at(1, 5), guard, aad, sent[1]!);
    expect(standing([right, rightLeft, leaf, handshake, ...application, ...keys])).toEqual(Array(12).fill(0));
    tree.consume(at(1, 5));
    expect(standing([root, right, rightLeft, leaf, application[0]!, application[1]!, keys[1]!, nonces[1]!])).toEqual(
      Array(8).fill(0),
    );
    expect(standing([left, rightRight, sibling, handshake, application[2]!, keys[0]!, nonces[0]!])).toEqual(
      Array(7).fill(1),
    );
    tree.open(at(0, 5), guard, aad, sent[0]!);
    tree.consume(at(0, 5));
    expect(standing([keys[0]!, nonces[0]!])).toEqual([0, 0]);
    tree.wipe();
    expect(standing([left, rightRight, sibling, handshake, application[2]!])).toEqual(Array(5).fill(0));
  });

  it("costs memory by the leaf used, not by the leaf: 2^17 members", () => {
    const engine = new Engine();
    send(engine, 1); // the scratch stack and the table of handles exist from here on
    const before = engine.core.memoryInUse();
    const tree = newTree(engine, 1 << 17);
    expect(engine.core.memoryInUse() - before).toBeLessThan(1024);
    tree.seal((1 << 17) - 1, "handshake", guard, aad, aad);
    tree.seal(77777, "application", guard, aad, aad);
    expect(engine.core.memoryInUse() - before).toBeLessThan(8192);
    tree.wipe();
    expect(engine.core.memoryInUse()).toBe(before);
  });

  it("works at the limits of size, and refuses what is no tree", () => {
    const engine = new Engine();
    const one = newTree(engine, 1);
    expect(one.seal(0, "handshake", guard, aad, aad).generation).toBe(0);
    const huge = newTree(engine, 2 ** 31);
    expect(huge.seal(2 ** 31 - 1, "handshake", guard, aad, aad).generation).toBe(0);
    expect(() => huge.seal(2 ** 31, "handshake", guard, aad, aad)).toThrow();
    for (const leafCount of [0, 3, 6]) {
      const secret = Secret.import(engine, root);
      expect(() => SecretTree.create(KDF_SHA256, AEAD_AES128GCM, secret, leafCount, limits)).toThrow();
      secret.wipe();
    }
    const short = Secret.import(engine, root.subarray(1));
    expect(() => SecretTree.create(KDF_SHA256, AEAD_AES128GCM, short, 8, limits)).toThrow();
  });
});
