// The structs of messages.json, each with the decoder and encoder that it exercises.
import type { DecodeContext } from "../../bindings/codec/context.ts";
import { decodeCommit, encodeCommit } from "../../bindings/message/commit.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { decodeProposal, encodeProposal } from "../../bindings/message/proposals.ts";
import { decodeRatchetTree, encodeRatchetTree } from "../../bindings/message/ratchettree.ts";
import { decodeGroupSecrets, encodeGroupSecrets } from "../../bindings/message/welcome.ts";

export const messageFields = [
  "mls_welcome",
  "mls_group_info",
  "mls_key_package",
  "ratchet_tree",
  "group_secrets",
  "add_proposal",
  "update_proposal",
  "remove_proposal",
  "pre_shared_key_proposal",
  "re_init_proposal",
  "external_init_proposal",
  "group_context_extensions_proposal",
  "commit",
  "public_message_application",
  "public_message_proposal",
  "public_message_commit",
  "private_message",
] as const;

export type MessageField = (typeof messageFields)[number];

/** One case of messages.json. */
export type MessageCase = Record<MessageField, string>;

/** A struct's complete bytes, and how it is decoded and encoded. */
export interface Codec {
  readonly decode: (bytes: Uint8Array, context?: DecodeContext) => unknown;
  readonly encode: (value: never) => Uint8Array;
  /** Bytes to put before the vector's: it leaves out the type of a proposal. */
  readonly prefix: readonly number[];
}

const mlsMessage: Codec = { decode: decodeMLSMessage, encode: encodeMLSMessage, prefix: [] };
const proposal = (type: number): Codec => ({ decode: decodeProposal, encode: encodeProposal, prefix: [0, type] });

export const messageCodecs: Readonly<Record<MessageField, Codec>> = {
  mls_welcome: mlsMessage,
  mls_group_info: mlsMessage,
  mls_key_package: mlsMessage,
  ratchet_tree: { decode: decodeRatchetTree, encode: encodeRatchetTree, prefix: [] },
  group_secrets: { decode: decodeGroupSecrets, encode: encodeGroupSecrets, prefix: [] },
  add_proposal: proposal(1),
  update_proposal: proposal(2),
  remove_proposal: proposal(3),
  pre_shared_key_proposal: proposal(4),
  re_init_proposal: proposal(5),
  external_init_proposal: proposal(6),
  group_context_extensions_proposal: proposal(7),
  commit: { decode: decodeCommit, encode: encodeCommit, prefix: [] },
  public_message_application: mlsMessage,
  public_message_proposal: mlsMessage,
  public_message_commit: mlsMessage,
  private_message: mlsMessage,
};

/** A deep copy without the received bytes, so that encoding it writes every field anew (leaf nodes stay as they are). */
export function withoutEncoded<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutEncoded) as T;
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withoutEncoded(field)])) as T;
}
