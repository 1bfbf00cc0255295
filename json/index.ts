// RFC 9420's structs as JSON: bytes to JSON, and back to the same bytes.

import { type DecodeContext, type LeafEngine } from "../bindings/codec/context.ts";
import { DecodeError } from "../bindings/errors.ts";
import { limitsWith, type Limits } from "../bindings/limits.ts";
import type { ContentType } from "../bindings/message/framing.ts";
import { type Json, Place, type Schema } from "./form.ts";
import { type Struct, type StructName, structNames, structs } from "./structs.ts";

export type { ContentType, Json, LeafEngine, Limits, Schema, StructName };
export { structNames };

/** What may be in the bytes beyond RFC 9420. */
export interface FromJSONOptions {
  /** Proposal types of the application; each is one opaque vector. */
  readonly customProposals?: readonly number[];
  /** Credential types of the application; each is one opaque vector. */
  readonly customCredentials?: readonly number[];
  /** Bounds on the input; the defaults of `grove-mls` unless given. */
  readonly limits?: Partial<Limits>;
  /** The engine whose core parses leaf nodes; a shared one unless given. */
  readonly engine?: LeafEngine;
}

/** How bytes become JSON. */
export interface ToJSONOptions extends FromJSONOptions {
  /**
   * True for logs: every byte string is replaced by its length, but public keys, hashes, references and group IDs.
   * What comes out is not for {@link fromJSON}, which refuses it.
   */
  readonly redact?: boolean;
  /** What a PrivateMessageContent holds, which its own bytes do not say; "application" unless given. */
  readonly contentType?: ContentType;
}

function contextOf(options: FromJSONOptions): DecodeContext {
  return {
    limits: limitsWith(options.limits),
    customProposalTypes: new Set(options.customProposals),
    customCredentialTypes: new Set(options.customCredentials),
    engine: options.engine,
  };
}

function structOf(name: StructName): Struct {
  if (!structNames.includes(name)) throw new TypeError(`there is no struct "${name}"`);
  return structs[name];
}

/**
 * The bytes of a struct as JSON. Objects have the fields of the struct in camelCase; byte strings are in
 * hexadecimal, uint64 in decimal strings, `optional<T>` may be null, and `kind` tells variants apart. The
 * bodies of the RFC's own extensions are decoded too.
 *
 * Throws what decoding throws: `ERR_MALFORMED`, `ERR_LIMIT`, `ERR_UNSUPPORTED`, `ERR_EXTENSION`, `ERR_TREE`,
 * `ERR_KEY_PACKAGE`.
 *
 * @example
 * ```ts
 * const json = toJSON("MLSMessage", client.keyPackage());
 * console.log(JSON.stringify(json, null, 2));
 * ```
 */
export function toJSON(struct: StructName, bytes: Uint8Array, options: ToJSONOptions = {}): Json {
  const { form, decode } = structOf(struct);
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${struct}: expected a Uint8Array`);
  const context = contextOf(options);
  const value = decode(bytes, context, options.contentType ?? "application");
  return form.write(value as never, { redact: options.redact ?? false, context });
}

/**
 * The bytes that JSON of {@link toJSON} came from. They are decoded once more, so that JSON that was made by
 * hand gives well-formed bytes or an error. Throws `ERR_MALFORMED`, whose message names the field, what was
 * expected there, and of what kind it is; and what decoding throws.
 */
export function fromJSON(struct: StructName, json: unknown, options: FromJSONOptions = {}): Uint8Array<ArrayBuffer> {
  const { form, decode, encode } = structOf(struct);
  const context = contextOf(options);
  const { bytes, contentType } = inForm(struct, () => {
    const value: { content?: { kind?: ContentType } } = form.read(json, new Place(struct, context));
    return { bytes: encode(value as never), contentType: value.content?.kind };
  });
  decode(bytes, context, contentType ?? "application");
  return bytes;
}

// Fields that do not go together, or are too long for any vector, are the JSON's fault here.
function inForm<T>(struct: StructName, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new DecodeError("ERR_MALFORMED", error.message, { struct, cause: error });
  }
}

/** The JSON Schema (2020-12) of what {@link toJSON} returns: one definition for every struct, and for their parts. */
export function jsonSchema(struct: StructName = "MLSMessage"): Schema {
  const definitions = new Map<string, Schema>();
  const root = structOf(struct).form.schema(definitions);
  for (const name of structNames) structs[name].form.schema(definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `${struct} of RFC 9420`,
    ...root,
    $defs: Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
