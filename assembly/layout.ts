// Numbers that both sides of the boundary must agree on.
// `scripts/build-core.mjs` turns this file into `bindings/core/generated/layout.ts`;
// keep every line of the form `export const NAME: TYPE = NUMBER;`.

/** Raised whenever an export changes its meaning. */
export const ABI_VERSION: i32 = 1;

/** KDF identifiers as in RFC 9180: they also name the hash. */
export const KDF_SHA256: i32 = 1;
export const KDF_SHA384: i32 = 2;
export const KDF_SHA512: i32 = 3;

/** AEAD identifiers as in RFC 9180. */
export const AEAD_AES128GCM: i32 = 1;
export const AEAD_AES256GCM: i32 = 2;
export const AEAD_CHACHA20POLY1305: i32 = 3;

/** Bytes of an AEAD tag and nonce, the same for all three. */
export const AEAD_TAG_LENGTH: i32 = 16;
export const AEAD_NONCE_LENGTH: i32 = 12;

/** Bytes of a streaming hash and of a streaming HMAC (`hashBegin`, `hmacBegin`). */
export const HASH_CONTEXT: usize = 208;
export const HMAC_CONTEXT: usize = 416;

/** Kinds of handles. */
export const HANDLE_SECRET: i32 = 1;
export const HANDLE_TREE: i32 = 2;
export const HANDLE_SECRET_TREE: i32 = 3;
export const HANDLE_WRITER: i32 = 4;
export const HANDLE_READER: i32 = 5;

/** Longest secret in bytes: exported values and PSKs fit in. */
export const SECRET_LIMIT: i32 = 65535;

/** Counters of public-key operations and hash compressions. */
export const COUNT_VERIFY: i32 = 0;
export const COUNT_SIGN: i32 = 1;
export const COUNT_SEAL: i32 = 2;
export const COUNT_OPEN: i32 = 3;
export const COUNT_HASH: i32 = 4;
export const COUNT_KINDS: i32 = 5;
