// Calls and replies as lines of JSON, for parties behind a process or a page. Bytes are strings that
// start with "b64," and go on in base64.
const MARK = "b64,";

/** One line, without its end. */
export function encodeLine(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (part instanceof Uint8Array ? MARK + toBase64(part) : part));
}

export function decodeLine(line: string): unknown {
  return JSON.parse(line, (_key, part: unknown) =>
    typeof part === "string" && part.startsWith(MARK) ? fromBase64(part.slice(MARK.length)) : part,
  );
}

function toBase64(bytes: Uint8Array): string {
  if (typeof Buffer !== "undefined") {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  }
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(""));
}

function fromBase64(text: string): Uint8Array {
  if (typeof Buffer !== "undefined") return Uint8Array.from(Buffer.from(text, "base64"));
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** What a line to a party says. */
export interface CallLine {
  readonly call: string;
  readonly request: unknown;
}

/** What a line from a party says. */
export type ReplyLine = { readonly reply: unknown } | { readonly error: string };
