/**
 * What went wrong, as a stable code. Each code's second word says what is at fault; which class
 * carries it says who must act ({@link MlsError}).
 */
export type ErrorCode =
  // DecodeError
  | "ERR_MALFORMED"
  | "ERR_LIMIT"
  // UnsupportedError
  | "ERR_UNSUPPORTED"
  // CryptoError
  | "ERR_SIGNATURE"
  | "ERR_MAC"
  | "ERR_DECRYPT"
  // ValidationError
  | "ERR_WRONG_GROUP"
  | "ERR_WRONG_EPOCH"
  | "ERR_SENDER"
  | "ERR_CREDENTIAL"
  | "ERR_LEAF_NODE"
  | "ERR_KEY_PACKAGE"
  | "ERR_TREE"
  | "ERR_TREE_HASH"
  | "ERR_PARENT_HASH"
  | "ERR_UPDATE_PATH"
  | "ERR_PROPOSAL"
  | "ERR_PROPOSAL_LIST"
  | "ERR_COMMIT"
  | "ERR_MISSING_PROPOSAL"
  | "ERR_PSK"
  | "ERR_WELCOME"
  | "ERR_TREE_NEEDED"
  | "ERR_GROUP_INFO"
  | "ERR_EXTENSION"
  | "ERR_RATCHET"
  | "ERR_POLICY"
  // StateError
  | "ERR_STATE_BUSY"
  | "ERR_STATE_CLOSED"
  | "ERR_STATE_PENDING_COMMIT"
  | "ERR_STATE_PENDING_PROPOSALS"
  | "ERR_STATE_DEFERRED"
  | "ERR_STATE_USED"
  | "ERR_STATE_OWN_MESSAGE"
  | "ERR_STATE_RECORD"
  | "ERR_USAGE"
  | "ERR_RANDOM"
  // InternalError
  | "ERR_INTERNAL"
  | "ERR_ENGINE_POISONED"
  | "ERR_NO_SIMD"
  | "ERR_NO_WASM";

/** Where an error happened and which rule was broken; every field is optional. */
export interface ErrorDetails {
  /** The rule's ID, `MLS-<section of RFC 9420>-<number>`. */
  readonly rule?: string;
  /** The RFC 9420 struct that was read or checked. */
  readonly struct?: string;
  /** Byte offset in the input where decoding failed. */
  readonly offset?: number;
  /** Position in the list of proposals, key packages or PSKs that was handed in. */
  readonly index?: number;
  /** The leaf at fault. */
  readonly leafIndex?: number;
  /** The error of the nested object: leaf node in key package in proposal in list. */
  readonly cause?: unknown;
}

/**
 * The one error class family of the library. Nothing else is thrown, except `TypeError` and
 * `RangeError` for arguments of the wrong kind.
 */
export class MlsError extends Error {
  /** What went wrong; stable, made for programs. */
  readonly code: ErrorCode;
  /** The rule that was broken: `MLS-<section of RFC 9420>-<number>`, or `DEF-<number>` for a bound of this library. */
  readonly rule: string | undefined;
  /** The RFC 9420 struct that was read or checked. */
  readonly struct: string | undefined;
  /** The byte of the input at which decoding failed. */
  readonly offset: number | undefined;
  /** Position in the list of proposals, key packages or PSKs that was handed in. */
  readonly index: number | undefined;
  /** The leaf at fault. */
  readonly leafIndex: number | undefined;
  readonly #text: string;
  readonly #places: readonly string[];

  /** The message ends with the place and the rule; those of its causes too, where it ends with theirs. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { rule, struct, offset, index, leafIndex, cause } = details;
    const isOfCause = cause instanceof MlsError && message.endsWith(cause.message);
    const text = isOfCause ? message.slice(0, -cause.message.length) + cause.#text : message;
    const places = [...new Set([...placesOf(details), ...(isOfCause ? cause.#places : [])])];
    super(places.length > 0 ? `${text} [${places.join(", ")}]` : text, cause === undefined ? undefined : { cause });
    this.code = code;
    this.rule = rule;
    this.struct = struct;
    this.offset = offset;
    this.index = index;
    this.leafIndex = leafIndex;
    this.#text = text;
    this.#places = places;
  }
}

function placesOf({ rule, struct, offset, index, leafIndex }: ErrorDetails): string[] {
  const numbers = Object.entries({ byte: offset, index, leaf: leafIndex });
  const named = numbers.flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`));
  return [struct, ...named, rule].filter((place) => place !== undefined);
}

/** The bytes are not a well-formed message, or are over a configured limit. */
export class DecodeError extends MlsError {}
/** A peer broke a rule of RFC 9420; `rule` names it. */
export class ValidationError extends MlsError {}
/** A signature, MAC or ciphertext does not verify. No detail is given. */
export class CryptoError extends MlsError {}
/** The call does not fit the present state: a pending commit, a closed group, a used object. */
export class StateError extends MlsError {}
/** A version, cipher suite, credential, extension or proposal type that this client lacks. */
export class UnsupportedError extends MlsError {}
/** A fault of this library. Please report it. */
export class InternalError extends MlsError {}

// Written out, because minifiers rename classes; on the prototypes, so that stacks begin with the name.
for (const [name, kind] of Object.entries({
  MlsError,
  DecodeError,
  ValidationError,
  CryptoError,
  StateError,
  UnsupportedError,
  InternalError,
})) {
  Object.defineProperty(kind.prototype, "name", { value: name, writable: true, configurable: true });
}

/** Every code in the chain of causes, outermost first. */
export function errorCodes(error: unknown): ErrorCode[] {
  const codes: ErrorCode[] = [];
  for (let at = error; at instanceof MlsError; at = at.cause) codes.push(at.code);
  return codes;
}
