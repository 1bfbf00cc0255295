// Extensions in JSON (RFC 9420 section 13.4). A body that the RFC describes stands decoded, but only in a
// list where it belongs (DEF-07); every other body, and one that does not decode, stands as bytes.

import type { DecodeContext } from "../bindings/codec/context.ts";
import { MlsError } from "../bindings/errors.ts";
import { ExtensionType, extensionPlaces, type ExtensionPlace } from "../bindings/message/constants.ts";
import {
  decodeApplicationId,
  decodeExternalPub,
  decodeExternalSenders,
  decodeRequiredCapabilities,
  encodeApplicationId,
  encodeExternalPub,
  encodeExternalSenders,
  encodeRequiredCapabilities,
  type Extension,
  type ExternalSender,
  type RequiredCapabilities,
} from "../bindings/message/extension.ts";
import { credential } from "./credential.ts";
import { type Form, hidden, list, named, type Schema, shown, struct, uint16 } from "./form.ts";

/** A body that stands decoded, under a field of its own. */
export interface Body<T> {
  readonly field: string;
  readonly form: Form<T>;
  readonly decode: (extensionData: Uint8Array, context: DecodeContext) => T;
  readonly encode: (value: T) => Uint8Array;
}

export type Bodies = ReadonlyMap<number, Body<never>>;

export const requiredCapabilities: Form<RequiredCapabilities> = struct("RequiredCapabilities", {
  extensionTypes: list(uint16),
  proposalTypes: list(uint16),
  credentialTypes: list(uint16),
});

export const externalSenders: Form<readonly ExternalSender[]> = list(
  struct<ExternalSender>("ExternalSender", { signatureKey: shown, credential }),
);

const body = <T>(body: Body<T>): Body<never> => body as unknown as Body<never>;

/** All bodies of the RFC but that of `ratchet_tree`, which is made of leaves that have extensions. */
export const bodies: Bodies = new Map([
  [
    ExtensionType.applicationId,
    body({ field: "applicationId", form: hidden, decode: decodeApplicationId, encode: encodeApplicationId }),
  ],
  [
    ExtensionType.requiredCapabilities,
    body({
      field: "requiredCapabilities",
      form: requiredCapabilities,
      decode: decodeRequiredCapabilities,
      encode: encodeRequiredCapabilities,
    }),
  ],
  [
    ExtensionType.externalPub,
    body({ field: "externalPub", form: shown, decode: decodeExternalPub, encode: encodeExternalPub }),
  ],
  [
    ExtensionType.externalSenders,
    body({
      field: "externalSenders",
      form: externalSenders,
      decode: decodeExternalSenders,
      encode: encodeExternalSenders,
    }),
  ],
]);

/** The lists of extensions of one place. */
export function extensionsOf(place: ExtensionPlace, known: Bodies = bodies): Form<readonly Extension[]> {
  const here = new Map([...known].filter(([type]) => extensionPlaces.get(type) === place));
  const opaque = struct<Extension>("OpaqueExtension", { extensionType: uint16, extensionData: hidden });
  const decoded = (extension: Extension, context: DecodeContext): { field: string; value: never } | undefined => {
    const found = here.get(extension.extensionType);
    if (found === undefined) return undefined;
    try {
      return { field: found.field, value: found.decode(extension.extensionData, context) };
    } catch (error) {
      if (error instanceof MlsError) return undefined;
      throw error;
    }
  };
  const extension: Form<Extension> = {
    write: (value, writing) => {
      const { extensionType } = value;
      const inner = decoded(value, writing.context);
      if (inner === undefined) return opaque.write(value, writing);
      const { field, value: content } = inner;
      return { extensionType, [field]: here.get(extensionType)!.form.write(content, writing) };
    },
    read: (json, at) => {
      const known = typeof json === "object" && json !== null ? here.get((json as Extension).extensionType) : undefined;
      if (known === undefined || !Object.hasOwn(json as object, known.field)) return opaque.read(json, at);
      const value = bodyForm(known).read(json, at) as Record<string, never>;
      return { extensionType: (json as Extension).extensionType, extensionData: known.encode(value[known.field]!) };
    },
    schema: (definitions) => ({
      oneOf: [
        opaque.schema(definitions),
        ...Array.from(here, ([type, { field, form }]) => bodySchema(type, field, form.schema(definitions))),
      ],
    }),
  };
  return list(named(`${place[0]!.toUpperCase()}${place.slice(1)}Extension`, extension));
}

function bodyForm({ field, form }: Body<never>): Form<object> {
  return struct<Record<string, unknown>>("Extension", { extensionType: uint16, [field]: form });
}

function bodySchema(type: number, field: string, content: Schema): Schema {
  return {
    type: "object",
    properties: { extensionType: { const: type }, [field]: content },
    required: ["extensionType", field],
    additionalProperties: false,
  };
}
