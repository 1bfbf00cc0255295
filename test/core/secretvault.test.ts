// Sealed records: what they keep, what they refuse, and that secrets come back as handles alone.
import { describe, expect, it } from "vitest";
import { type CoreBytes, Engine } from "../../bindings/core/engine.ts";
import { AEAD_CHACHA20POLY1305, KDF_SHA256, RECORD_OVERHEAD } from "../../bindings/core/generated/layout.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { type Ratchet, SecretTree } from "../../bindings/schedule/ratchet.ts";
import { RecordReader, RecordWriter } from "../../bindings/state/vault.ts";
import { utf8 } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";

const guard = Uint8Array.of(9, 8, 7, 6);
const aad = utf8("aad");
const limits = { skippedKeys: 4, forwardGenerations: 50 };
const planted = Uint8Array.from({ length: 32 }, (_, i) => 17 * i + 3);
const name = { groupId: utf8("group"), sequence: 7n };
const header = utf8("header");
const key = (engine: Engine): Secret => Secret.import(engine, utf8("a storage key of thirty-two byte"));
const root = Uint8Array.from({ length: 32 }, (_, i) => 100 + i);
const newTree = (engine: Engine, leafCount = 8): SecretTree =>
  SecretTree.create(KDF_SHA256, AEAD_CHACHA20POLY1305, Secret.import(engine, root), leafCount, limits);

/** The header and the record behind it. */
const sealed = (writer: RecordWriter, storageKey: Secret, random = systemRandom): Uint8Array =>
  writer.seal(storageKey, name, header, [], random);
const opened = (storageKey: Secret, whole: Uint8Array): RecordReader =>
  RecordReader.open(storageKey, name, whole, header.length);

const badRecord = expect.objectContaining({ code: "ERR_STATE_RECORD" });

describe("sealed records", () => {
  it("give back bytes, secrets and trees in their order, in another engine too", () => {
    const engine = new Engine();
    const large = systemRandom(200_000);
    const writer = new RecordWriter(engine)
      .bytes(utf8("first"))
      .secret(Secret.import(engine, planted))
      .bytes(new Uint8Array())
      .secretTree(newTree(engine))
      .bytes(large);
    const other = new Engine();
    const reader = opened(key(other), sealed(writer, key(engine)));
    expect(reader.bytes()).toEqual(utf8("first"));
    expect(reader.secret().export()).toEqual(planted);
    expect(reader.bytes()).toEqual(new Uint8Array());
    const message = reader.secretTree().seal(5, "handshake", guard, aad, utf8("hello"));
    expect(message).toEqual(newTree(engine).seal(5, "handshake", guard, aad, utf8("hello")));
    expect(reader.bytes()).toEqual(large);
    reader.finish();
  });

  it("are all alike to a reader without the key: random prefix, no plain byte, no fixed byte", () => {
    const engine = new Engine();
    const make = (): Uint8Array =>
      sealed(new RecordWriter(engine).secret(Secret.import(engine, planted)), key(engine)).subarray(header.length);
    const [a, b] = [make(), make()];
    expect(a.length).toBe(RECORD_OVERHEAD + 5 + planted.length);
    expect(a.subarray(0, 32)).not.toEqual(b.subarray(0, 32));
    expect(a.subarray(32)).not.toEqual(b.subarray(32));
  });

  it("open under their own key, group, number, header and bytes alone", () => {
    const engine = new Engine();
    const record = sealed(new RecordWriter(engine).bytes(utf8("x")), key(engine));
    const open = (changes: object, bytes = record, storageKey = key(engine), headerLength = header.length) => {
      return () => RecordReader.open(storageKey, { ...name, ...changes }, bytes, headerLength);
    };
    expect(open({})().bytes()).toEqual(utf8("x"));
    expect(open({ groupId: utf8("grou") })).toThrow(badRecord);
    expect(open({ sequence: 8n })).toThrow(badRecord);
    for (const length of [0, header.length - 1, header.length + 1, record.length]) {
      expect(open({}, record, key(engine), length)).toThrow(badRecord);
    }
    expect(open({}, record, Secret.import(engine, utf8("another key of thirty-two bytes!")))).toThrow(badRecord);
    for (let i = 0; i < record.length; i++) {
      const bent = record.slice();
      bent[i]! ^= 1;
      expect(open({}, bent)).toThrow(badRecord);
      expect(open({}, record.subarray(0, i))).toThrow(badRecord);
    }
    expect(() => sealed(new RecordWriter(engine), Secret.import(engine, new Uint8Array(15)))).toThrow(RangeError);
  });

  it("are not made when a part writes more or less than it has said; the writer stays", () => {
    const engine = new Engine();
    const writer = new RecordWriter(engine).bytes(utf8("x"));
    for (const written of [2, 4, 0]) {
      const part: CoreBytes = { length: 3, write: () => written };
      expect(() => writer.seal(key(engine), name, header, [part], systemRandom)).toThrow(
        expect.objectContaining({ code: "ERR_INTERNAL" }),
      );
    }
    expect(opened(key(engine), sealed(writer, key(engine))).bytes()).toEqual(utf8("x"));
    expect(writer.wiped).toBe(true);
  });

  it("carry what the core writes itself between header and record, and are bound to it", () => {
    const engine = new Engine();
    const part = (byte: number, length: number): CoreBytes => ({
      length,
      write: (_core, address) => engine.bytes.fill(byte, address, address + length).length && length,
    });
    const writer = new RecordWriter(engine).bytes(utf8("x"));
    const whole = writer.seal(key(engine), name, header, [part(1, 3), part(2, 0), part(3, 2)], systemRandom);
    const open = header.length + 5;
    expect(whole.subarray(0, open)).toEqual(Uint8Array.of(...header, 1, 1, 1, 3, 3));
    expect(RecordReader.open(key(engine), name, whole, open).bytes()).toEqual(utf8("x"));
    for (let i = 0; i < open; i++) {
      const bent = whole.slice();
      bent[i]! ^= 1;
      expect(() => RecordReader.open(key(engine), name, bent, open)).toThrow(badRecord);
    }
  });

  it("never give a secret out as bytes, nor anything as what it is not", () => {
    const engine = new Engine();
    const writer = new RecordWriter(engine)
      .secret(Secret.import(engine, planted))
      .secretTree(newTree(engine))
      .bytes(utf8("x"));
    const record = sealed(writer, key(engine));
    const reader = opened(key(engine), record);
    expect(() => reader.bytes()).toThrow(badRecord);
    expect(() => reader.secretTree()).toThrow(badRecord);
    reader.secret();
    expect(() => reader.bytes()).toThrow(badRecord);
    expect(() => reader.secret()).toThrow(badRecord);
    reader.secretTree();
    expect(() => reader.secret()).toThrow(badRecord);
    reader.bytes();
    expect(() => reader.bytes()).toThrow(badRecord);
    reader.finish();
    const again = opened(key(engine), record);
    expect(() => again.finish()).toThrow(badRecord);
    expect(again.wiped).toBe(true);
  });

  it("MLS-9.2-07: leave nothing in memory once writer and reader are gone", () => {
    const engine = new Engine();
    const storageKey = key(engine);
    const secret = Secret.import(engine, planted);
    const writer = new RecordWriter(engine).secret(secret).bytes(new Uint8Array(5000));
    secret.wipe();
    expect(occurrences(engine, planted)).toBe(1);
    const record = sealed(writer, storageKey);
    expect(writer.wiped).toBe(true);
    expect(occurrences(engine, planted)).toBe(0);
    const reader = opened(storageKey, record);
    const back = reader.secret();
    expect(occurrences(engine, planted)).toBe(2);
    reader.wipe();
    back.wipe();
    expect(occurrences(engine, planted)).toBe(0);
    storageKey.wipe();
    expect(engine.core.handlesInUse()).toBe(0);
  });
});

/** The tree after a round trip through a record. */
function stored(engine: Engine, tree: SecretTree): SecretTree {
  const reader = opened(key(engine), sealed(new RecordWriter(engine).secretTree(tree), key(engine)));
  const back = reader.secretTree();
  reader.finish();
  return back;
}

describe("secret trees in records", () => {
  it("DEF-04: consumed generations stay consumed, skipped ones open, the rest goes on", () => {
    const engine = new Engine();
    const sender = newTree(engine);
    const sent = Array.from({ length: 6 }, (_, i) => sender.seal(3, "application", guard, aad, Uint8Array.of(i)));
    const receiver = newTree(engine);
    const at = (generation: number) => ({ leafIndex: 3, ratchet: "application" as Ratchet, generation });
    receiver.consume(at(2));
    receiver.consume(at(1));
    const restored = stored(engine, receiver);
    expect(restored.state(3, "application")).toEqual({ generation: 3, skipped: 1, exhausted: false });
    for (const generation of [1, 2]) {
      expect(() => restored.open(at(generation), guard, aad, sent[generation]!.ciphertext)).toThrow(
        expect.objectContaining({ code: "ERR_RATCHET" }),
      );
    }
    for (const generation of [0, 5, 4, 3]) {
      expect(restored.open(at(generation), guard, aad, sent[generation]!.ciphertext)).toEqual(
        Uint8Array.of(generation),
      );
      restored.consume(at(generation));
    }
    const own = stored(engine, sender);
    expect(own.seal(3, "application", guard, aad, aad).generation).toBe(6);
    expect(own.seal(3, "handshake", guard, aad, aad).generation).toBe(0);
    expect(own.seal(0, "handshake", guard, aad, aad)).toEqual(newTree(engine).seal(0, "handshake", guard, aad, aad));
  });

  it("repeating the positions on an older record gives the same tree", () => {
    const engine = new Engine();
    const tree = newTree(engine, 1 << 17);
    tree.seal(70_000, "handshake", guard, aad, aad);
    const older = stored(engine, tree);
    const positions: { leafIndex: number; ratchet: Ratchet; generation: number }[] = [
      {
        leafIndex: 70_000,
        ratchet: "handshake",
        generation: tree.seal(70_000, "handshake", guard, aad, aad).generation,
      },
      { leafIndex: 5, ratchet: "application", generation: 9 },
      { leafIndex: 5, ratchet: "application", generation: 7 },
      { leafIndex: 131_071, ratchet: "handshake", generation: 0 },
    ];
    for (const position of positions.slice(1)) tree.consume(position);
    for (const position of positions) older.consume(position);
    // Sealed under the same randomness, equal states are equal bytes.
    const fixed = (length: number): Uint8Array => new Uint8Array(length).fill(1);
    const bytes = (of: SecretTree): Uint8Array => sealed(new RecordWriter(engine).secretTree(of), key(engine), fixed);
    expect(bytes(older)).toEqual(bytes(tree));
  });

  it("MLS-9.1-04: the last generation is 2^32-1, and nothing follows it", () => {
    const engine = new Engine();
    // A leaf whose ratchets stand two generations before the end, as the core would write it.
    const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
    const ratchet = [words(0xfffffffe, 0, 0), root];
    const parts = [words(KDF_SHA256, AEAD_CHACHA20POLY1305, 0, 4, 50), Uint8Array.of(3), ...ratchet, ...ratchet];
    const state = Uint8Array.from(parts.flatMap((part) => [...part]));
    const craft = (content: Uint8Array): SecretTree => {
      // An item of plain bytes made into a tree: the writer's memory is within a test's reach.
      const writer = new RecordWriter(engine).bytes(content);
      const item = Uint8Array.of(1, ...words(content.length), ...content.subarray(0, 20));
      const memory = engine.bytes;
      let at = memory.indexOf(1);
      while (!item.every((byte, i) => memory[at + i] === byte)) at = memory.indexOf(1, at + 1);
      memory[at] = 3;
      using storageKey = key(engine);
      using reader = opened(storageKey, sealed(writer, storageKey));
      return reader.secretTree();
    };
    const tree = craft(state);
    expect(tree.state(0, "application")).toEqual({ generation: 0xfffffffe, skipped: 0, exhausted: false });
    expect(tree.seal(0, "handshake", guard, aad, aad).generation).toBe(0xfffffffe);
    expect(tree.seal(0, "handshake", guard, aad, aad).generation).toBe(0xffffffff);
    const overLimit = expect.objectContaining({ code: "ERR_LIMIT", rule: "MLS-9.1-04" });
    expect(() => tree.seal(0, "handshake", guard, aad, aad)).toThrow(overLimit);
    // Receiving the last one keeps the one before it, and closes the ratchet.
    const at = (generation: number) => ({ leafIndex: 0, ratchet: "application" as Ratchet, generation });
    const used = expect.objectContaining({ code: "ERR_RATCHET", rule: "MLS-9.2-04" });
    tree.consume(at(0xffffffff));
    expect(tree.state(0, "application")).toMatchObject({ skipped: 1, exhausted: true });
    for (const generation of [0xffffffff, 0, 1, 0x7fffffff, 0x80000000]) {
      expect(() => tree.consume(at(generation))).toThrow(used);
    }
    const restored = stored(engine, tree);
    restored.consume(at(0xfffffffe));
    expect(() => restored.consume(at(0xfffffffe))).toThrow(used);
    expect(() => restored.seal(0, "application", guard, aad, aad)).toThrow(overLimit);

    // What is no tree is refused, whole and without a trace.
    const handles = engine.core.handlesInUse();
    const inUse = engine.core.memoryInUse();
    for (const length of [0, 19, 20, 21, 40, state.length - 1]) {
      expect(() => craft(Uint8Array.from([...state.subarray(0, length)]))).toThrow(badRecord);
    }
    expect(() => craft(Uint8Array.of(...state, 0))).toThrow(badRecord);
    for (const [offset, value] of [
      [0, 9],
      [4, 9],
      [8, 1],
      [8, 32],
      [20, 0],
      [20, 2],
      [20, 4],
      [29, 5],
    ] as const) {
      const bent = state.slice();
      bent[offset] = value;
      expect(() => craft(bent)).toThrow(badRecord);
    }
    expect(engine.core.handlesInUse()).toBe(handles);
    expect(engine.core.memoryInUse()).toBe(inUse);
  });
});
