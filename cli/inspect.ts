// `grove inspect`: looks at MLS bytes, as an outline or as JSON, and makes bytes of JSON.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fromJSON, type Json, type StructName, structNames, toJSON, type ToJSONOptions } from "../json/index.ts";
import { bytesIn, type Encoding, encodingOf, InputError, nameOf, readInput } from "./input.ts";
import { outline } from "./outline.ts";
import type { Output } from "./output.ts";
import { oneOf, onlyPath, UsageError, wholeNumber } from "./usage.ts";

interface Options extends ToJSONOptions {
  readonly struct: StructName;
  readonly encoding: Encoding | undefined;
  readonly json: boolean;
  readonly full: boolean;
}

/** Runs `grove inspect ...`; the exit code. */
export function runInspect(args: readonly string[], output: Output): number {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      as: { type: "string", default: "MLSMessage" },
      in: { type: "string" },
      json: { type: "boolean", default: false },
      "from-json": { type: "boolean", default: false },
      redact: { type: "boolean", default: false },
      lines: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      hex: { type: "boolean", default: false },
      out: { type: "string" },
      content: { type: "string", default: "application" },
      "custom-proposal": { type: "string", multiple: true, default: [] },
      "custom-credential": { type: "string", multiple: true, default: [] },
    },
  });
  const path = onlyPath("inspect", positionals);
  const type = (name: string) => (text: string) => wholeNumber(text, name, 0, 0xffff);
  const options: Options = {
    struct: oneOf(values.as, "as", structNames),
    encoding: encodingOf(values.in),
    json: values.json,
    full: values.full,
    redact: values.redact,
    contentType: oneOf(values.content, "content", ["application", "proposal", "commit"]),
    customProposals: values["custom-proposal"].map(type("custom-proposal")),
    customCredentials: values["custom-credential"].map(type("custom-credential")),
  };
  if (values["from-json"] && (values.json || values.redact || values.in !== undefined)) {
    throw new UsageError("--from-json goes with none of --json, --redact and --in");
  }
  if (!values["from-json"] && (values.hex || values.out !== undefined)) {
    throw new UsageError("--hex and --out say where the bytes of --from-json go");
  }
  if (values.lines && values.out !== undefined) throw new UsageError("--lines goes to standard output, not to --out");
  const content = readInput(path);
  if (values.lines) return eachLine(content, nameOf(path), values["from-json"], options, output);
  if (!values["from-json"]) {
    for (const line of looked(bytesIn(content, options.encoding), options, output, 2)) output.print(line);
    return 0;
  }
  const bytes = fromJSON(options.struct, parsed(Buffer.from(content).toString("utf8")), options);
  if (values.out !== undefined) writeFileSync(values.out, values.hex ? `${hex(bytes)}\n` : bytes);
  else if (values.hex || output.isTerminal) output.print(hex(bytes));
  else output.write(bytes);
  return 0;
}

/** A struct per line, in hexadecimal, base64 or JSON. A line that cannot be read is reported, and the next one is. */
function eachLine(
  content: Uint8Array,
  name: string,
  isJson: boolean,
  options: Options,
  { print, warn, ...output }: Output,
): number {
  let code = 0;
  for (const [i, line] of Buffer.from(content).toString("utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      if (isJson) print(hex(fromJSON(options.struct, parsed(line), options)));
      else
        for (const each of looked(bytesIn(Buffer.from(line), options.encoding), options, { print, warn, ...output }, 0))
          print(each);
    } catch (error) {
      warn(`${name}, line ${i + 1}: ${output.describe(error)}`);
      code = 1;
    }
  }
  return code;
}

function looked(bytes: Uint8Array, options: Options, { paint }: Output, indent: number): string[] {
  const json = toJSON(options.struct, bytes, options);
  if (options.json) return [JSON.stringify(json, null, indent)];
  return outline(options.struct, json, { paint, full: options.full });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // What JSON.parse says quotes the text, which may be secret.
    throw new InputError("this is not JSON");
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
