// Forms: each says how a value of a struct stands in JSON, how it is read back, what its JSON Schema is,
// and which of its byte strings a log may show. Everything else in this folder is made of them.

import type { DecodeContext } from "../bindings/codec/context.ts";
import { DecodeError } from "../bindings/errors.ts";
import { fromHex, toHex } from "./hex.ts";

/** Any value that JSON can express. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** How values are written. */
export interface Writing {
  /** True hides every byte string that is not declared as shown. */
  readonly redact: boolean;
  readonly context: DecodeContext;
}

/** One kind of value. */
export interface Form<T> {
  write(value: T, writing: Writing): Json;
  read(json: unknown, place: Place): T;
  /** The schema; the schemas of named structs go to `definitions`, and only a reference comes back. */
  schema(definitions: Map<string, Schema>): Schema;
  /** True where an undefined value has no field at all. */
  readonly isAbsent?: true;
}

/** Where in a JSON value reading has come to. Errors name it, and never what stands there. */
export class Place {
  readonly struct: string;
  readonly path: string;
  readonly context: DecodeContext;

  constructor(struct: string, context: DecodeContext, path = "") {
    this.struct = struct;
    this.context = context;
    this.path = path;
  }

  /** The field or the element below this place. */
  at(step: string | number): Place {
    const path = typeof step === "number" ? `${this.path}[${step}]` : this.path === "" ? step : `${this.path}.${step}`;
    return new Place(this.struct, this.context, path);
  }

  /** Throws `ERR_MALFORMED`: what was expected here, and of what kind the value is that came. */
  refuse(expected: string, found: unknown): never {
    const where = this.path === "" ? "the value" : this.path;
    const message = `${where} must be ${expected}, but is ${kindOf(found)}`;
    throw new DecodeError("ERR_MALFORMED", message, { struct: this.struct });
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return `a string of ${value.length} characters`;
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}

function unsigned(bits: 8 | 16 | 32): Form<number> {
  const maximum = 2 ** bits - 1;
  return {
    write: (value) => value,
    read: (json, place) =>
      typeof json === "number" && Number.isInteger(json) && json >= 0 && json <= maximum
        ? json
        : place.refuse(`a whole number up to ${maximum}`, json),
    schema: () => ({ type: "integer", minimum: 0, maximum }),
  };
}

export const uint8: Form<number> = unsigned(8);
export const uint16: Form<number> = unsigned(16);
export const uint32: Form<number> = unsigned(32);

/** A decimal string: numbers in JSON lose digits above 2^53. */
export const uint64: Form<bigint> = {
  write: (value) => value.toString(),
  read: (json, place) => {
    const value = typeof json === "string" && /^(0|[1-9][0-9]{0,19})$/.test(json) ? BigInt(json) : -1n;
    return value >= 0n && value < 1n << 64n ? value : place.refuse("a uint64 as a decimal string", json);
  },
  schema: () => ({ type: "string", pattern: "^(0|[1-9][0-9]{0,19})$" }),
};

function byteString(isShown: boolean, length?: number): Form<Uint8Array> {
  const expected = length === undefined ? "a byte string in hexadecimal" : `${length} bytes in hexadecimal`;
  return {
    write: (value, { redact }) => (redact && !isShown ? `<${value.length} bytes>` : toHex(value)),
    read: (json, place) => {
      const bytes = fromHex(json);
      return bytes !== undefined && (length ?? bytes.length) === bytes.length ? bytes : place.refuse(expected, json);
    },
    schema: () => ({ type: "string", pattern: `^([0-9a-fA-F]{2})${length === undefined ? "*" : `{${length}}`}$` }),
  };
}

/** A byte string that a log never shows: a secret, content, or whatever the application defines. */
export const hidden: Form<Uint8Array> = byteString(false);
/** A byte string that a log may show: public keys, hashes, and names of groups. */
export const shown: Form<Uint8Array> = byteString(true);
/** `opaque x[length]`, never shown. */
export const hiddenOf = (length: number): Form<Uint8Array> => byteString(false, length);

/** `T x<V>`. */
export function list<T>(element: Form<T>): Form<readonly T[]> {
  return {
    write: (values, writing) => Array.from(values, (value) => element.write(value, writing)),
    read: (json, place) =>
      Array.isArray(json) ? json.map((item, i) => element.read(item, place.at(i))) : place.refuse("an array", json),
    schema: (definitions) => ({ type: "array", items: element.schema(definitions) }),
  };
}

/** `optional<T>`: null where it is not present. */
export function optional<T>(form: Form<T>): Form<T | undefined> {
  return {
    write: (value, writing) => (value === undefined ? null : form.write(value, writing)),
    read: (json, place) => (json === null ? undefined : form.read(json, place)),
    schema: (definitions) => ({ anyOf: [form.schema(definitions), { type: "null" }] }),
  };
}

/** What the struct has only in some of its variants: no field where it has it not. */
export function absent<T>(form: Form<T>): Form<T | undefined> {
  return {
    isAbsent: true,
    write: (value, writing) => (value === undefined ? null : form.write(value, writing)),
    read: (json, place) => (json === undefined ? undefined : form.read(json, place)),
    schema: (definitions) => form.schema(definitions),
  };
}

/** A name out of a list of names. */
export function oneOf<Name extends string>(...names: readonly Name[]): Form<Name> {
  return {
    write: (value) => value,
    read: (json, place) => names.find((name) => name === json) ?? place.refuse(`one of ${names.join(", ")}`, json),
    schema: () => ({ enum: names }),
  };
}

/** The forms of an object's fields; the bytes as received are no field. */
export type Fields<T> = { readonly [Name in Exclude<keyof T, "encoded">]-?: Form<T[Name]> };

type AnyFields = Readonly<Record<string, Form<unknown>>>;

function writeFields(fields: AnyFields, value: object, writing: Writing): Record<string, Json> {
  const json: Record<string, Json> = {};
  for (const [name, form] of Object.entries(fields)) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (field !== undefined || form.isAbsent !== true) json[name] = form.write(field, writing);
  }
  return json;
}

function readFields(fields: AnyFields, json: object, place: Place): Record<string, unknown> {
  for (const name of Object.keys(json)) {
    // A name that JSON brings along is text of a stranger: it is not repeated.
    if (!Object.hasOwn(fields, name)) place.refuse(`an object of ${Object.keys(fields).join(", ")} alone`, json);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, form]) => {
      const field: unknown = Object.hasOwn(json, name) ? (json as Readonly<Record<string, unknown>>)[name] : undefined;
      return [name, form.read(field, place.at(name))];
    }),
  );
}

function fieldsSchema(fields: AnyFields, definitions: Map<string, Schema>): Schema {
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([name, form]) => [name, form.schema(definitions)])),
    required: Object.keys(fields).filter((name) => fields[name]!.isAbsent !== true),
    additionalProperties: false,
  };
}

function objectOf(json: unknown, place: Place): object {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : place.refuse("an object", json);
}

/** Puts a schema among the definitions, once, and refers to it. */
function define(name: string, definitions: Map<string, Schema>, make: () => Schema): Schema {
  if (!definitions.has(name)) {
    definitions.set(name, {});
    definitions.set(name, make());
  }
  return { $ref: `#/$defs/${name}` };
}

/** A struct: an object with these fields, and no other. */
export function struct<T extends object>(name: string, fields: Fields<T>): Form<T> {
  const all = fields as unknown as AnyFields;
  return {
    write: (value, writing) => writeFields(all, value, writing),
    read: (json, place) => readFields(all, objectOf(json, place), place) as T,
    schema: (definitions) => define(name, definitions, () => fieldsSchema(all, definitions)),
  };
}

/** A struct of variants: `kind` says which, and each has fields of its own. */
export function variants<T extends { readonly kind: string }>(
  name: string,
  arms: { readonly [Kind in T["kind"]]: Fields<Omit<Extract<T, { readonly kind: Kind }>, "kind">> },
): Form<T> {
  const kinds = Object.keys(arms) as T["kind"][];
  const armOf = (kind: T["kind"]): AnyFields => ({ kind: oneOf(kind), ...(arms[kind] as unknown as AnyFields) });
  return {
    write: (value, writing) => writeFields(armOf(value.kind), value, writing),
    read: (json, place) => {
      const value = objectOf(json, place);
      const kind = oneOf(...kinds).read((value as { kind?: unknown }).kind, place.at("kind"));
      return readFields(armOf(kind), value, place) as unknown as T;
    },
    schema: (definitions) =>
      define(name, definitions, () => ({ oneOf: kinds.map((kind) => fieldsSchema(armOf(kind), definitions)) })),
  };
}

/** The form of a value that stands in JSON as another one does. */
export function mapped<T, Inner>(
  inner: Form<Inner>,
  toInner: (value: T) => Inner,
  fromInner: (value: Inner, place: Place) => T,
): Form<T> {
  return {
    write: (value, writing) => inner.write(toInner(value), writing),
    read: (json, place) => fromInner(inner.read(json, place), place),
    schema: (definitions) => inner.schema(definitions),
  };
}

/** The same form under a name of its own in the schema. */
export function named<T>(name: string, form: Form<T>): Form<T> {
  return { ...form, schema: (definitions) => define(name, definitions, () => form.schema(definitions)) };
}
