// Status codes of the core's exports: 0 or more is success, below 0 a reason to reject.
// `scripts/build-core.mjs` turns this file into `bindings/core/generated/status.ts`;
// keep every line of the form `export const NAME: i32 = -N;`.

/** The operation succeeded. */
export const STATUS_OK: i32 = 0;
/** Bytes do not decode. */
export const STATUS_MALFORMED: i32 = -1;
/** A configured limit is exceeded. */
export const STATUS_LIMIT: i32 = -2;
/** A value this build does not implement (suite, credential type, …). */
export const STATUS_UNSUPPORTED: i32 = -3;
/** A handle is unknown, of another kind, or used after it was released. */
export const STATUS_HANDLE: i32 = -4;
/** A signature does not verify. */
export const STATUS_SIGNATURE: i32 = -5;
/** A MAC does not match. */
export const STATUS_MAC: i32 = -6;
/** AEAD or HPKE opening failed. */
export const STATUS_DECRYPT: i32 = -7;
/** A public key is not usable (length, encoding, low order). */
export const STATUS_PUBLIC_KEY: i32 = -8;
/** A leaf node breaks a rule of section 7.3. */
export const STATUS_LEAF_NODE: i32 = -9;
/** The ratchet tree has an impossible shape. */
export const STATUS_TREE: i32 = -10;
/** A tree hash differs. */
export const STATUS_TREE_HASH: i32 = -11;
/** A parent hash chain is broken. */
export const STATUS_PARENT_HASH: i32 = -12;
/** An UpdatePath does not fit the tree or its derived keys. */
export const STATUS_UPDATE_PATH: i32 = -13;
/** A key stands in the tree already. */
export const STATUS_DUPLICATE_KEY: i32 = -14;
/** A ratchet generation is consumed. */
export const STATUS_RATCHET_CONSUMED: i32 = -15;
/** A ratchet generation is too far ahead. */
export const STATUS_RATCHET_AHEAD: i32 = -16;
/** An extension stands twice in a list or in an object that must not hold it. */
export const STATUS_EXTENSION: i32 = -17;
/** An index is outside the tree or names a blank leaf. */
export const STATUS_INDEX: i32 = -18;
/** An argument length is not what the operation takes (a bug of the caller). */
export const STATUS_ARGUMENT: i32 = -19;
