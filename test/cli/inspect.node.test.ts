// `grove inspect`: bytes in any of three encodings, outline and JSON out, JSON in and bytes out.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bytesIn } from "../../cli/input.ts";
import { outline } from "../../cli/outline.ts";
import { named } from "../../cli/registry.ts";
import { paintFor, quoted } from "../../cli/terminal.ts";
import { encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { fromJSON, toJSON } from "../../json/index.ts";
import { messageCodecs, type MessageField, messageFields } from "../../vectors/messages.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import { grove } from "../support/command.ts";
import * as samples from "../support/samples.ts";
import { loadVectors } from "../support/vectors.ts";

const place = mkdtempSync(join(tmpdir(), "grove-inspect-"));
const at = (name: string): string => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

const message = encodeMLSMessage({ kind: "keyPackage", keyPackage: samples.keyPackage });
const json = toJSON("MLSMessage", message);
const file = at("message.bin");
writeFileSync(file, message);

describe("grove inspect", () => {
  it("prints an outline with the names of numbers, without colours where no terminal is", () => {
    const { status, text, stderr } = grove(["inspect", file]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(text).toMatch(/^MLSMessage: keyPackage\n {2}version {2}1 mls10\n {2}cipherSuite {2}1 MLS_128_DHKEMX25519_/);
    expect(text).toContain(`\n  initKey  ${"01".repeat(24)}… (32 bytes)\n`);
    expect(text).toContain('\n      identity  616c (2 bytes) "al"\n');
    expect(text).toContain("\n      notBefore  10 (1970-01-01T00:00:10Z)\n");
    expect(text).not.toContain("\x1b");
    expect(grove(["inspect", file, "--full"]).text).toContain(`\n  initKey  ${"01".repeat(32)} (32 bytes)\n`);
  });

  it("reads binary, hexadecimal and base64, from files and from standard input, and says the same", () => {
    const base64 = Buffer.from(message).toString("base64");
    const inputs: (string | Uint8Array)[] = [
      message,
      toHex(message),
      `0x${toHex(message).toUpperCase()}\n`,
      base64.replace(/.{64}/g, "$&\r\n"),
    ];
    for (const input of inputs) {
      const { status, text, stderr } = grove(["inspect", "-", "--json"], input);
      expect([status, stderr]).toEqual([0, ""]);
      expect(JSON.parse(text)).toEqual(json);
    }
  });

  it("makes the same bytes of JSON: on standard output, in a file, in hexadecimal", () => {
    const text = JSON.stringify(json);
    expect(toHex(grove(["inspect", "-", "--from-json"], text).stdout)).toBe(toHex(message));
    expect(grove(["inspect", "-", "--from-json", "--hex"], text).text).toBe(`${toHex(message)}\n`);
    expect(grove(["inspect", "-", "--from-json", "--out", at("back.bin")], text)).toMatchObject({
      status: 0,
      text: "",
    });
    expect(toHex(readFileSync(at("back.bin")))).toBe(toHex(message));
    const out = ["--hex", "--out", at("back.hex")];
    expect(grove(["inspect", "-", "--from-json", ...out], text).status).toBe(0);
    expect(readFileSync(at("back.hex"), "utf8")).toBe(`${toHex(message)}\n`);
  });

  it("looks at other structs, and at types of an application", () => {
    const tree = toHex(fromJSON("RatchetTree", [null]));
    expect(grove(["inspect", "-", "--as", "RatchetTree"], tree).text).toBe("RatchetTree (1)\n  [0]  -\n");
    const options = ["--as", "Proposal", "--custom-proposal", "61441", "--custom-credential", "61442"];
    expect(grove(["inspect", "-", ...options], "f001020708").text).toBe(
      "Proposal: custom\n  proposalType  0xf001\n  data  0708 (2 bytes)\n",
    );
    const content = ["--as", "PrivateMessageContent", "--content", "proposal", "--json"];
    expect(JSON.parse(grove(["inspect", "-", ...content], "0003000000010000").text)).toMatchObject({
      content: { kind: "proposal", proposal: { kind: "remove", removed: 1 } },
    });
  });

  it("hides what belongs in no log", () => {
    const log = grove(["inspect", file, "--redact"]).text + grove(["inspect", file, "--redact", "--json"]).text;
    expect(log).toContain("identity  <2 bytes>");
    expect(log).toContain('"signature": "<64 bytes>"');
    for (const secret of ["616c", '"al"', "03".repeat(24)]) expect(log).not.toContain(secret);
  });

  it("reads a struct per line, reports what it cannot read, and goes on", () => {
    const good = toHex(message);
    const { status, text, stderr } = grove(["inspect", "-", "--lines", "--json"], `${good}\n\n00\n${good}\n`);
    expect([status, text]).toEqual([1, `${JSON.stringify(json)}\n`.repeat(2)]);
    expect(stderr).toBe(
      "grove: standard input, line 3: ERR_MALFORMED needs 2 bytes, 1 are left [MLSMessage, byte 0, MLS-2.1-01]\n",
    );
    const back = grove(["inspect", "-", "--lines", "--from-json"], `${text}{\n`);
    expect([back.status, back.text]).toEqual([1, `${good}\n${good}\n`]);
    expect(back.stderr).toBe("grove: standard input, line 3: this is not JSON\n");
  });

  it.each<[string, string | Uint8Array, string[], RegExp]>([
    ["nothing", "", [], /^grove: standard input is empty\n$/],
    ["text", "hello, world", [], /^grove: this text is neither hexadecimal nor base64 \(--in binary\)\n$/],
    ["text that is said to be hexadecimal", "aGVsbG8=", ["--in", "hex"], /^grove: this is not hex\n$/],
    ["bytes that are said to be base64", message, ["--in", "base64"], /^grove: this is not base64\n$/],
    ["cut bytes", message.subarray(0, 50), [], /^grove: ERR_MALFORMED .* \[\w+, byte \d+, MLS-.*\]\n$/],
    [
      "bytes too many",
      Uint8Array.of(...message, 0),
      [],
      /^grove: ERR_MALFORMED 1 bytes too many \[MLSMessage, byte \d+, MLS-2\.1\.2-06\]/,
    ],
    ["no JSON", '{"secret', ["--from-json"], /^grove: this is not JSON\n$/],
    ["JSON of something else", "{}", ["--from-json"], /^grove: ERR_MALFORMED kind must be one of publicMess/],
  ])("fails for %s", (_, input, options, expected) => {
    const { status, text, stderr } = grove(["inspect", "-", ...options], input);
    expect([status, text]).toEqual([1, ""]);
    expect(stderr).toMatch(expected);
  });

  it("fails for a file that is not there", () => {
    const stderr: unknown = expect.stringMatching(/^grove: ENOENT/);
    expect(grove(["inspect", at("none")])).toMatchObject({ status: 1, text: "", stderr });
  });

  it.each([
    [[]],
    [["a", "b"]],
    [[file, "--as", "Message"]],
    [[file, "--in", "pem"]],
    [[file, "--hex"]],
    [[file, "--from-json", "--json"]],
    [[file, "--from-json", "--in", "hex"]],
    [[file, "--from-json", "--lines", "--out", "x"]],
    [[file, "--custom-proposal", "65536"]],
    [[file, "--loud"]],
  ])("does not understand %j", (args) => {
    const { status, text, stderr } = grove(["inspect", ...args]);
    expect([status, text]).toEqual([2, ""]);
    expect(stderr).toMatch(/^grove: .*\n\nusage: grove /);
  });
});

const cases = loadVectors<Record<MessageField, string>[]>("mls/messages.json");

describe.skipIf(cases === undefined)("grove inspect and messages.json", () => {
  const structs = ["MLSMessage", "Proposal", "Commit", "RatchetTree", "GroupSecrets"] as const;
  const structOf = (field: MessageField): (typeof structs)[number] => {
    if (field === "ratchet_tree") return "RatchetTree";
    if (field === "group_secrets") return "GroupSecrets";
    if (field === "commit") return "Commit";
    return field.endsWith("_proposal") && !field.startsWith("public") ? "Proposal" : "MLSMessage";
  };
  const linesOf = (struct: string): string =>
    messageFields
      .filter((field) => structOf(field) === struct)
      .flatMap((field) => cases!.map((each) => toHex(Uint8Array.of(...messageCodecs[field].prefix)) + each[field]))
      .map((line) => `${line}\n`)
      .join("");

  it("has 5,100 structs", () => {
    expect(structs.map((struct) => linesOf(struct).split("\n").length - 1).reduce((a, b) => a + b)).toBe(5100);
  });

  it.each(structs)("gives every %s back from JSON, byte for byte", (struct) => {
    const lines = linesOf(struct);
    const forward = grove(["inspect", "-", "--as", struct, "--lines", "--json"], lines);
    expect([forward.status, forward.stderr]).toEqual([0, ""]);
    const back = grove(["inspect", "-", "--as", struct, "--lines", "--from-json"], forward.stdout);
    expect([back.status, back.stderr]).toEqual([0, ""]);
    expect(back.text === lines).toBe(true);
  });
});

describe("what is printed", () => {
  it("has colours on a terminal alone, and none where NO_COLOR is set", () => {
    expect(paintFor({ isTTY: true }, {}).strong("x")).toBe("\x1b[1mx\x1b[22m");
    expect(paintFor({ isTTY: true }, { NO_COLOR: "" }).faint("x")).toBe("\x1b[2mx\x1b[22m");
    for (const paint of [
      paintFor({ isTTY: true }, { NO_COLOR: "1" }),
      paintFor({ isTTY: true }, { TERM: "dumb" }),
      paintFor({ isTTY: false }, {}),
      paintFor({}, {}),
    ]) {
      expect(Object.values(paint).map((each: (text: string) => string) => each("x"))).toEqual(["x", "x", "x", "x"]);
    }
  });

  it("quotes text that can be seen, and nothing that moves the cursor or turns the line around", () => {
    expect(quoted(utf8("Zoë, 1 key 🔑"))).toBe('"Zoë, 1 key 🔑"');
    for (const text of ["", "a\nb", "\x1b[2J", "a\u202eb", "a\u200bb", "a\u0000"])
      expect(quoted(utf8(text))).toBeUndefined();
    expect(quoted(hex("ff00"))).toBeUndefined();
  });

  it("names the numbers of the registries", () => {
    expect(named("cipherSuite", 3)).toBe("3 MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519");
    expect(named("extensions", 10)).toBe("10 lastResort");
    expect(named("proposals", 0x1a1a)).toBe("0x1a1a GREASE");
    expect(named("credentials", 0xf001)).toBe("0xf001");
    expect(named("leafIndex", 1)).toBe("1");
  });

  it("cuts long lists, unless all is asked for", () => {
    const paint = paintFor({}, {});
    const list = Array.from({ length: 100 }, () => null);
    expect(outline("RatchetTree", list, { paint, full: false }).slice(-2)).toEqual([
      "  [63]  -",
      "  … and 36 more (--full)",
    ]);
    expect(outline("RatchetTree", list, { paint, full: true })).toHaveLength(101);
  });

  it("takes either base64 alphabet, and nothing that base64 cannot be", () => {
    expect(toHex(bytesIn(utf8("-_8")))).toBe("fbff");
    expect(toHex(bytesIn(utf8("+/8="), "base64"))).toBe("fbff");
    expect(() => bytesIn(utf8("abcde"), "base64")).toThrow("this is not base64");
    expect(toHex(bytesIn(utf8("abcd"), "binary"))).toBe("61626364");
  });
});
