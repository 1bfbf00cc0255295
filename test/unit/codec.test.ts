import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultContext, type DecodeContext } from "../../bindings/codec/context.ts";
import { Reader, decodeWhole } from "../../bindings/codec/reader.ts";
import {
  HEADER_INVALID,
  HEADER_NOT_MINIMAL,
  HEADER_SHORT,
  VECTOR_LIMIT,
  headerLength,
  readHeader,
  vectorLength,
  writeHeader,
} from "../../bindings/codec/varint.ts";
import { encodeWhole, lendWhole, Writer } from "../../bindings/codec/writer.ts";
import { hex, toHex } from "../support/bytes.ts";

const reader = (bytes: string): Reader => new Reader(hex(bytes), defaultContext, "Test");
const malformed = (rule: string, offset: number): unknown =>
  expect.objectContaining({ name: "DecodeError", code: "ERR_MALFORMED", rule, struct: "Test", offset });

describe("vector headers", () => {
  const boundaries = [0, 1, 62, 63, 64, 65, 16382, 16383, 16384, 16385, 2 ** 30 - 2, 2 ** 30 - 1];

  function header(length: number): Uint8Array {
    const bytes = new Uint8Array(4);
    return bytes.subarray(0, writeHeader(bytes, 0, length));
  }

  it.each([
    [0, "00"],
    [63, "3f"],
    [64, "4040"],
    [16383, "7fff"],
    [16384, "80004000"],
    [2 ** 30 - 1, "bfffffff"],
  ])("MLS-2.1.2-01 %i is %s", (length, bytes) => {
    expect(toHex(header(length))).toBe(bytes);
    expect(readHeader(hex(bytes), 0, bytes.length / 2)).toBe(length);
  });

  it("come back as they were written, in the shortest form", () => {
    const lengths = fc.oneof(fc.constantFrom(...boundaries), fc.nat(VECTOR_LIMIT));
    fc.assert(
      fc.property(lengths, (length) => {
        const bytes = header(length);
        expect(readHeader(bytes, 0, bytes.length)).toBe(length);
        expect(bytes.length).toBe(headerLength(length));
        expect(vectorLength(length)).toBe(bytes.length + length);
        for (let end = 0; end < bytes.length; end++) expect(readHeader(bytes, 0, end)).toBe(HEADER_SHORT);
      }),
      { numRuns: 2000 },
    );
  });

  it("MLS-2.1.2-01 DEF-15 longer forms than needed are refused", () => {
    for (const bytes of ["4000", "4001", "403f", "80000000", "8000003f", "80000040", "80003fff"]) {
      expect(readHeader(hex(bytes), 0, bytes.length / 2)).toBe(HEADER_NOT_MINIMAL);
      expect(() => reader(bytes + "00".repeat(100)).opaque()).toThrow(malformed("MLS-2.1.2-01", 0));
    }
  });

  it("MLS-2.1.2-02 prefix 11 is refused", () => {
    for (const bytes of ["c0", "c000000000000001", "ff", "ffffffff"]) {
      expect(readHeader(hex(bytes), 0, bytes.length / 2)).toBe(HEADER_INVALID);
      expect(() => reader(bytes).opaque()).toThrow(malformed("MLS-2.1.2-02", 0));
    }
  });

  it("MLS-2.1.2-03 hold at most 2^30 - 1 bytes", () => {
    for (const length of [2 ** 30, 2 ** 32, -1, NaN]) expect(() => header(length)).toThrow(RangeError);
  });
});

describe("Reader", () => {
  it("MLS-2.1-01 reads big-endian integers without loss", () => {
    const r = reader("80" + "8001" + "80000001" + "ffffffffffffffff" + "0020000000000001");
    expect([r.uint8(), r.uint16(), r.uint32()]).toEqual([0x80, 0x8001, 0x8000_0001]);
    expect(r.uint64()).toBe(2n ** 64n - 1n);
    expect(r.uint64()).toBe(2n ** 53n + 1n);
    r.finish();
    expect(() => reader("").uint8()).toThrow(malformed("MLS-2.1-01", 0));
    expect(() => reader("00").uint16()).toThrow(malformed("MLS-2.1-01", 0));
    expect(() => reader("000000").uint32()).toThrow(malformed("MLS-2.1-01", 0));
    expect(() => reader("00000000000000").uint64()).toThrow(malformed("MLS-2.1-01", 4));
  });

  it("returns views of its input", () => {
    const bytes = hex("0301020304");
    const r = new Reader(bytes);
    const view = r.opaque();
    expect(view.buffer).toBe(bytes.buffer);
    expect([...view]).toEqual([1, 2, 3]);
    expect([...r.rest()]).toEqual([4]);
    expect([...r.since(0)]).toEqual([3, 1, 2, 3]);
  });

  it("MLS-2.1.1-01 takes presence octets 0 and 1 alone", () => {
    expect(reader("00").optional((r) => r.uint8())).toBeUndefined();
    expect(reader("0107").optional((r) => r.uint8())).toBe(7);
    for (const octet of ["02", "80", "ff"]) {
      expect(() => reader(octet + "07").optional((r) => r.uint8())).toThrow(malformed("MLS-2.1.1-01", 0));
    }
  });

  it("MLS-2.1.2-03 refuses a vector longer than what is left, before it allocates", () => {
    expect(() => reader("05aabbccdd").opaque()).toThrow(malformed("MLS-2.1.2-03", 0));
    expect(() => reader("bfffffff").opaque()).toThrow(malformed("MLS-2.1.2-03", 0));
    expect(() => reader("bffffffe00").uint16List()).toThrow(malformed("MLS-2.1.2-03", 0));
    expect(() => reader("bfffffff00").list((r) => r.uint8())).toThrow(malformed("MLS-2.1.2-03", 0));
    expect(() => reader("").opaque()).toThrow(malformed("MLS-2.1.2-03", 0));
  });

  it("MLS-2.1.2-05 wants elements to end with their vector", () => {
    expect(reader("0400010203").uint16List()).toEqual([1, 0x203]);
    expect(() => reader("03000102").uint16List()).toThrow(malformed("MLS-2.1.2-05", 0));
    expect(() => reader("050001020304").uint32List()).toThrow(malformed("MLS-2.1.2-05", 0));
    expect(reader("040001020355").list((r) => r.uint16())).toEqual([1, 0x203]);
    expect(() => reader("03000102ff").list((r) => r.uint16())).toThrow(malformed("MLS-2.1-01", 3));
    // An element may not reach past its list, even if the input goes on.
    expect(() => reader("0205aabbccddee").list((r) => r.opaque())).toThrow(malformed("MLS-2.1.2-03", 1));
  });

  it("DEF-06 caps the elements of a list", () => {
    const limited = expect.objectContaining({ code: "ERR_LIMIT", rule: "DEF-06" });
    expect(reader("03010203").list((r) => r.uint8(), 3)).toEqual([1, 2, 3]);
    expect(() => reader("0401020304").list((r) => r.uint8(), 3)).toThrow(limited);
    expect(() => reader("080000000000000001").uint32List(1)).toThrow(limited);
    const context: DecodeContext = { ...defaultContext, limits: { ...defaultContext.limits, leaves: 2 } };
    expect(() => new Reader(hex("03010203"), context).list((r) => r.uint8())).toThrow(limited);
  });

  it("MLS-2.1.2-05 steps over the elements of a deferred list as strictly, and reads them once they are wanted", () => {
    const opaques = (r: Reader) =>
      r.deferredList(
        (each) => each.skipOpaque(),
        (each) => each.opaque(),
      );
    const whole = reader("0401aa01bb55");
    const elements = opaques(whole);
    expect(whole.uint8()).toBe(0x55);
    expect(elements().map((element) => toHex(element))).toEqual(["aa", "bb"]);
    expect(elements()).toBe(elements());
    for (const [bytes, rule, offset] of [
      ["0205aabbccddee", "MLS-2.1.2-03", 1],
      ["0301aa02bb", "MLS-2.1.2-03", 3],
      ["03400100", "MLS-2.1.2-01", 1],
      ["02c000", "MLS-2.1.2-02", 1],
      ["05", "MLS-2.1.2-03", 0],
    ] as const) {
      expect(() => opaques(reader(bytes))).toThrow(malformed(rule, offset));
      expect(() => reader(bytes).list((each) => each.opaque())).toThrow(malformed(rule, offset));
    }
    // What reads more than what steps over does tells the place in the whole.
    const late = new Reader(hex("ff0201aa"), defaultContext, "Outer", 7);
    late.uint8();
    const elements2 = late.deferredList(
      (each) => each.skipOpaque(),
      (each) => each.fail(toHex(each.opaque())),
    );
    expect(elements2).toThrow(expect.objectContaining({ struct: "Outer", offset: 7 + 4 }));
    const context: DecodeContext = { ...defaultContext, limits: { ...defaultContext.limits, leaves: 2 } };
    expect(() => opaques(new Reader(hex("03000000"), context))).toThrow(
      expect.objectContaining({ code: "ERR_LIMIT", rule: "DEF-06" }),
    );
  });

  it("names the enum's rule for 0 and unknown values", () => {
    const names = [undefined, "one", "two"] as const;
    expect(reader("02").enumeration(names, "R")).toBe("two");
    for (const value of ["00", "03", "ff"]) {
      expect(() => reader(value).enumeration(names, "R")).toThrow(malformed("R", 0));
    }
  });

  it("says where an error is, from the start of the outermost input", () => {
    const r = new Reader(hex("00"), defaultContext, "Test", 100);
    r.uint8();
    expect(() => r.uint8()).toThrow(malformed("MLS-2.1-01", 101));
  });
});

describe("decodeWhole", () => {
  const opaque = (bytes: Uint8Array, context?: DecodeContext): Uint8Array =>
    decodeWhole("Test", bytes, (r) => r.opaque(), context);

  it("copies its input once, so that the caller may reuse the buffer", () => {
    const bytes = hex("0101");
    const content = opaque(bytes);
    bytes.fill(9);
    expect([...content]).toEqual([1]);
  });

  it("MLS-2.1.2-07 wants everything used up", () => {
    expect(() => opaque(hex("010100"))).toThrow(malformed("MLS-2.1.2-07", 2));
  });

  it("MLS-2.1.2-04 DEF-12 refuses long input with an error of its own", () => {
    const context: DecodeContext = { ...defaultContext, limits: { ...defaultContext.limits, groupMessageBytes: 3 } };
    expect([...opaque(hex("020101"), context)]).toEqual([1, 1]);
    expect(() => opaque(hex("03010101"), context)).toThrow(
      expect.objectContaining({ code: "ERR_LIMIT", rule: "DEF-12" }),
    );
  });

  it("throws TypeError for what is no Uint8Array", () => {
    for (const wrong of [undefined, null, "00", [0], new ArrayBuffer(1)]) {
      expect(() => opaque(wrong as never)).toThrow(TypeError);
    }
  });
});

describe("Writer", () => {
  it("writes what Reader reads", () => {
    const field = fc.oneof(
      fc.nat(0xff).map((value) => ["uint8", value] as const),
      fc.nat(0xffff).map((value) => ["uint16", value] as const),
      fc.nat(0xffff_ffff).map((value) => ["uint32", value] as const),
      fc.bigInt(0n, 2n ** 64n - 1n).map((value) => ["uint64", value] as const),
      fc.uint8Array({ maxLength: 200 }).map((value) => ["opaque", value] as const),
      fc.array(fc.nat(0xffff), { maxLength: 100 }).map((value) => ["uint16List", value] as const),
      fc.array(fc.nat(0xffff_ffff), { maxLength: 50 }).map((value) => ["uint32List", value] as const),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const writer = new Writer(0);
        for (const [kind, value] of fields) (writer[kind] as (value: unknown) => void).call(writer, value);
        const r = new Reader(writer.finish());
        for (const [kind, value] of fields) expect(r[kind]()).toEqual(value);
        r.finish();
      }),
    );
  });

  it("nests vectors whose headers differ in length", () => {
    for (const inner of [0, 62, 63, 64, 16381, 16382, 16383, 16384]) {
      const content = new Uint8Array(inner).map((_, i) => i);
      const writer = new Writer();
      writer.uint8(0xee);
      writer.vector(() => writer.vector(() => writer.opaque(content)));
      writer.uint8(0xdd);
      const r = new Reader(writer.finish());
      expect(r.uint8()).toBe(0xee);
      const [[back]] = r.list((outer) => outer.list((innermost) => innermost.opaque())) as [[Uint8Array]];
      expect(back).toEqual(content);
      expect(r.uint8()).toBe(0xdd);
      r.finish();
    }
  });

  it("throws RangeError or TypeError for values that do not fit", () => {
    const writer = new Writer();
    for (const value of [-1, 256, 1.5, NaN]) expect(() => writer.uint8(value)).toThrow(RangeError);
    for (const value of [-1, 65536]) expect(() => writer.uint16(value)).toThrow(RangeError);
    for (const value of [-1, 2 ** 32]) expect(() => writer.uint32(value)).toThrow(RangeError);
    for (const value of [-1n, 2n ** 64n]) expect(() => writer.uint64(value)).toThrow(RangeError);
    expect(() => writer.uint64(1 as never)).toThrow(TypeError);
    expect(() => writer.enumeration([undefined, "a"], "b" as never)).toThrow(RangeError);
    expect(writer.length).toBe(0);
  });

  it("leaves room of zero bytes for what comes later, behind a vector that was moved too", () => {
    for (const length of [0, 63, 64, 16383, 16384]) {
      const writer = new Writer(7);
      writer.vector(() => writer.fixed(new Uint8Array(20).fill(0xff)));
      const at = writer.room(length);
      writer.uint8(0xee);
      const r = new Reader(writer.finish());
      expect(r.opaque().length).toBe(20);
      const start = r.position;
      expect(r.opaque()).toEqual(new Uint8Array(length));
      expect(at).toBe(r.position - length);
      expect(at).toBeGreaterThan(start);
      expect(r.uint8()).toBe(0xee);
      r.finish();
    }
  });

  it("stays linear at 30 MB", () => {
    const element = new Uint8Array(80);
    const count = (30 << 20) / 81;
    const writer = new Writer();
    const started = performance.now();
    writer.vector(() => {
      for (let i = 0; i < count; i++) writer.opaque(element);
    });
    const bytes = writer.finish();
    const took = performance.now() - started;
    expect(bytes.length).toBeGreaterThan(30 << 20);
    // Quadratic copying would take minutes.
    expect(took).toBeLessThan(5000);
    expect(new Reader(bytes).list((r) => r.opaque().length, 1 << 20).length).toBe(Math.ceil(count));
  });
});

describe("lendWhole", () => {
  const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
  const write = (writer: Writer, bytes: Uint8Array): void => writer.vector(() => writer.fixed(bytes));

  it("lends what encodeWhole returns, and wipes all of it afterwards", () => {
    for (const length of [0, 1, 63, 64, 1000, 16384, 65_536, 131_072, 300_000]) {
      const bytes = filled(length, 0xab);
      let lent = new Uint8Array();
      const returned = lendWhole(
        bytes,
        write,
        (encoded) => {
          lent = encoded;
          return encoded.slice();
        },
        length + 4,
      );
      expect(returned).toEqual(encodeWhole(bytes, write));
      expect(returned.length).toBe(encodeWhole(bytes, write, length + 4).length);
      expect(new Uint8Array(lent.buffer).every((byte) => byte === 0)).toBe(true);
    }
  });

  it("wipes when the use of it throws, and when the writing does", () => {
    let lent = new Uint8Array();
    const use = (encoded: Uint8Array<ArrayBuffer>): never => {
      lent = encoded;
      throw new Error("no use");
    };
    expect(() => lendWhole(filled(50, 7), write, use)).toThrow("no use");
    expect(lent.length).toBe(51);
    expect(new Uint8Array(lent.buffer).every((byte) => byte === 0)).toBe(true);
    const fails = (writer: Writer): void => {
      writer.fixed(filled(50, 7));
      writer.uint8(256);
    };
    expect(() => lendWhole(undefined, fails, () => 0)).toThrow(RangeError);
    lendWhole(
      undefined,
      () => undefined,
      (encoded) => (lent = encoded),
    );
    expect(new Uint8Array(lent.buffer).every((byte) => byte === 0)).toBe(true);
  });

  it("is not disturbed by what is encoded or lent during its use", () => {
    lendWhole(filled(40, 1), write, (outer) => {
      lendWhole(filled(60, 2), write, (inner) => {
        expect(encodeWhole(filled(500, 3), write).subarray(2)).toEqual(filled(500, 3));
        expect(inner.subarray(1)).toEqual(filled(60, 2));
      });
      expect(outer.subarray(1)).toEqual(filled(40, 1));
    });
  });
});
