// What a command reads: a file or standard input, as bytes or as text that stands for bytes.

import { readFileSync } from "node:fs";
import { oneOf } from "./usage.ts";

/** What is wrong with what was read. */
export class InputError extends Error {}

/** How bytes may be written in a file. */
export const encodings = ["binary", "hex", "base64"] as const;
export type Encoding = (typeof encodings)[number];

/** The option `--in`. */
export function encodingOf(text: string | undefined): Encoding | undefined {
  return text === undefined ? undefined : oneOf(text, "in", encodings);
}

/** The content of a file, or of standard input for `-`. */
export function readInput(path: string): Uint8Array {
  const content = readFileSync(path === "-" ? 0 : path);
  if (content.length === 0) throw new InputError(`${nameOf(path)} is empty`);
  return content;
}

/** How a path is named in messages. */
export function nameOf(path: string): string {
  return path === "-" ? "standard input" : path;
}

/**
 * The bytes that a file holds, or stands for. Without an encoding, text of hexadecimal digits is that, other
 * text of the base64 alphabets (with `+/` or `-_`) is that, and anything else is the bytes themselves: what
 * MLS puts on the wire begins with a zero byte.
 */
export function bytesIn(content: Uint8Array, encoding?: Encoding): Uint8Array {
  if (encoding === "binary") return content;
  const text = Buffer.from(content).toString("latin1");
  const bytes = encoding === "base64" ? fromBase64(text) : (fromHex(text) ?? (encoding ? undefined : fromBase64(text)));
  if (bytes !== undefined) return bytes;
  if (encoding !== undefined) throw new InputError(`this is not ${encoding}`);
  if (/^[\t\n\r -~]*$/.test(text)) throw new InputError("this text is neither hexadecimal nor base64 (--in binary)");
  return content;
}

function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, "").replace(/^0x/i, "");
  return /^(?:[0-9a-f]{2})+$/i.test(digits) ? Buffer.from(digits, "hex") : undefined;
}

function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, "").replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  if (!/^[A-Za-z0-9+/]+$/.test(digits)) return undefined;
  const bytes = Buffer.from(digits, "base64");
  // Node skips what it does not understand; what it read must be all there is.
  return bytes.toString("base64").replace(/=+$/, "") === digits ? bytes : undefined;
}
