// From the core's status codes to the library's errors.

import {
  CryptoError,
  DecodeError,
  type ErrorCode,
  type ErrorDetails,
  InternalError,
  type MlsError,
  UnsupportedError,
  ValidationError,
} from "../errors.ts";
import * as status from "./generated/status.ts";

type Failure = readonly [
  kind: new (code: ErrorCode, message: string, details?: ErrorDetails) => MlsError,
  code: ErrorCode,
  message: string,
];

const failures: ReadonlyMap<number, Failure> = new Map<number, Failure>([
  [status.STATUS_MALFORMED, [DecodeError, "ERR_MALFORMED", "the bytes do not decode"]],
  [status.STATUS_LIMIT, [DecodeError, "ERR_LIMIT", "a limit is exceeded"]],
  [status.STATUS_UNSUPPORTED, [UnsupportedError, "ERR_UNSUPPORTED", "this value is not supported"]],
  [status.STATUS_SIGNATURE, [CryptoError, "ERR_SIGNATURE", "the signature does not verify"]],
  [status.STATUS_MAC, [CryptoError, "ERR_MAC", "the MAC does not match"]],
  [status.STATUS_DECRYPT, [CryptoError, "ERR_DECRYPT", "the ciphertext does not open"]],
  [status.STATUS_PUBLIC_KEY, [ValidationError, "ERR_LEAF_NODE", "a public key is not usable"]],
  [status.STATUS_LEAF_NODE, [ValidationError, "ERR_LEAF_NODE", "a leaf node is not valid"]],
  [status.STATUS_TREE, [ValidationError, "ERR_TREE", "the ratchet tree has an impossible shape"]],
  [status.STATUS_TREE_HASH, [ValidationError, "ERR_TREE_HASH", "the tree hash differs"]],
  [status.STATUS_PARENT_HASH, [ValidationError, "ERR_PARENT_HASH", "a parent hash chain is broken"]],
  [status.STATUS_UPDATE_PATH, [ValidationError, "ERR_UPDATE_PATH", "the UpdatePath does not fit the tree"]],
  [status.STATUS_DUPLICATE_KEY, [ValidationError, "ERR_LEAF_NODE", "a key stands in the tree already"]],
  [
    status.STATUS_RATCHET_CONSUMED,
    [ValidationError, "ERR_RATCHET", "the sender's ratchet has used this generation up"],
  ],
  [
    status.STATUS_RATCHET_AHEAD,
    [ValidationError, "ERR_RATCHET", "the sender's ratchet is too far behind this generation"],
  ],
  [status.STATUS_EXTENSION, [ValidationError, "ERR_EXTENSION", "an extension stands where it must not"]],
  [status.STATUS_INDEX, [ValidationError, "ERR_SENDER", "an index is outside the tree or names a blank leaf"]],
]);

/** The error that a negative status of the core stands for; `found` is what came, where the core does not say. */
export function failure(code: number, details: ErrorDetails = {}, found?: string): MlsError {
  const known = failures.get(code);
  if (known === undefined) return new InternalError("ERR_INTERNAL", `the core answered ${code}`, details);
  const [kind, name, message] = known;
  return new kind(name, found === undefined ? message : `${message}: ${found}`, details);
}

/** Passes a status of 0 or more on (a handle, a length) and throws what a negative one stands for. */
export function ok(code: number, details?: ErrorDetails): number {
  if (code < 0) throw failure(code, details);
  return code;
}
