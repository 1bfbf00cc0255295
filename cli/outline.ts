// The JSON form of a struct as an outline for people: a line for every field, indented.

import type { Json } from "../json/index.ts";
import { named } from "./registry.ts";
import { type Paint, quoted } from "./terminal.ts";

/** How much of a byte string and of a long list is shown. */
const SHOWN_BYTES = 24;
const SHOWN_ITEMS = 64;

/** Strings that are no bytes. */
const words = new Set(["kind", "usage", "contentType"]);
const numbers = new Set(["epoch", "pskEpoch"]);
const times = new Set(["notBefore", "notAfter"]);

export interface OutlineOptions {
  readonly paint: Paint;
  /** Byte strings and lists as long as they are. */
  readonly full: boolean;
}

type Fields = Readonly<Record<string, Json>>;

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);

/** The lines of a value under a heading. */
export function outline(heading: string, json: Json, options: OutlineOptions): string[] {
  return node(heading, heading, json, "", options);
}

function node(label: string, field: string, json: Json, indent: string, options: OutlineOptions): string[] {
  const { strong, faint } = options.paint;
  const inner = `${indent}  `;
  const line = (text: string, name: string = label): string =>
    text === "" ? `${indent}${strong(name)}` : `${indent}${faint(name)}  ${text}`;
  if (json === null) return [line("-")];
  if (typeof json === "string") return [line(stringOf(field, json, options))];
  if (typeof json === "number") return [line(named(field, json))];
  if (typeof json === "boolean") return [line(String(json))];
  if (isList(json)) {
    if (json.length === 0) return [line("none")];
    if (json.every((item) => typeof item === "number")) {
      return [line(json.map((item) => named(field, item)).join(", "))];
    }
    const shown = options.full ? json : json.slice(0, SHOWN_ITEMS);
    const items = shown.flatMap((item, i) => node(`[${i}]`, field, item, inner, options));
    const hidden = json.length - shown.length;
    return [
      line("", `${label} (${json.length})`),
      ...items,
      ...(hidden > 0 ? [`${inner}${faint(`… and ${hidden} more (--full)`)}`] : []),
    ];
  }
  const { kind, ...fields } = json as Fields;
  const title = typeof kind === "string" ? `${label}: ${kind}` : label;
  const all = Object.entries(fields);
  // A variant that holds one struct alone needs no line for it.
  const [[onlyField, only] = ["", null]] = all;
  if (typeof kind === "string" && all.length === 1 && isPlainObject(only)) {
    return node(title, onlyField, only, indent, options);
  }
  return [line("", title), ...all.flatMap(([name, value]) => node(name, name, value, inner, options))];
}

function isPlainObject(json: Json): boolean {
  return typeof json === "object" && json !== null && !isList(json);
}

function stringOf(field: string, text: string, { full, paint }: OutlineOptions): string {
  if (words.has(field) || numbers.has(field) || text.startsWith("<")) return text;
  if (times.has(field)) return `${text}${paint.faint(dateOf(text))}`;
  const length = text.length / 2;
  if (length === 0) return "empty";
  const digits = full || length <= SHOWN_BYTES ? text : `${text.slice(0, 2 * SHOWN_BYTES)}…`;
  const readable = full || length <= 64 ? quoted(Buffer.from(text, "hex")) : undefined;
  return `${digits} ${paint.faint(`(${length} bytes)`)}${readable === undefined ? "" : ` ${readable}`}`;
}

/** Seconds since 1970 as a date, where there is one. */
function dateOf(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? "" : ` (${date.toISOString().replace(".000", "")})`;
}
