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

/** KEM identifiers as in RFC 9180. */
export const KEM_X25519: i32 = 32;

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

/** Numbers of RFC 9420 section 17 that the core decides by. */
export const CREDENTIAL_BASIC: u32 = 1;
export const CREDENTIAL_X509: u32 = 2;
export const EXTENSION_APPLICATION_ID: u32 = 1;
/** Extension types 1..5 and proposal types 1..7 are the RFC's own and implied in every leaf. */
export const LEAST_CUSTOM_EXTENSION: u32 = 6;
export const LEAST_CUSTOM_PROPOSAL: u32 = 8;
export const LEAF_SOURCE_KEY_PACKAGE: i32 = 1;
export const LEAF_SOURCE_UPDATE: i32 = 2;
export const LEAF_SOURCE_COMMIT: i32 = 3;

/**
 * The words that describe a parsed LeafNode. Most fields have two: the offset of the content from
 * the leaf's first byte, and its length. Word 0 is the length of the leaf.
 */
export const LEAF_WORDS: i32 = 26;
export const LEAF_ENCRYPTION_KEY: i32 = 1;
export const LEAF_SIGNATURE_KEY: i32 = 3;
/** From the credential type on, the type included. */
export const LEAF_CREDENTIAL: i32 = 5;
/** One word: the type. */
export const LEAF_CREDENTIAL_TYPE: i32 = 7;
/** Five lists, two words each, in the order of the LEAF_LIST numbers. */
export const LEAF_CAPABILITIES: i32 = 8;
/** One word: the source. */
export const LEAF_SOURCE: i32 = 18;
/** Lifetime (16 bytes), nothing, or the parent hash. */
export const LEAF_ARM: i32 = 19;
export const LEAF_EXTENSIONS: i32 = 21;
export const LEAF_SIGNATURE: i32 = 23;
/** One word: the length of all fields before the signature. */
export const LEAF_TBS_LENGTH: i32 = 25;

/** The words that `treeReadMembers` writes for a member: its leaf index, then those of its leaf. */
export const MEMBER_WORDS: i32 = 27;

/** The lists of Capabilities. */
export const LEAF_LIST_VERSIONS: i32 = 0;
export const LEAF_LIST_SUITES: i32 = 1;
export const LEAF_LIST_EXTENSIONS: i32 = 2;
export const LEAF_LIST_PROPOSALS: i32 = 3;
export const LEAF_LIST_CREDENTIALS: i32 = 4;

/** Largest LeafNode, and most extensions and certificates in it, that are accepted. */
export const LEAF_LENGTH_LIMIT: i32 = 262144;
export const LEAF_EXTENSION_LIMIT: i32 = 64;
export const LEAF_CERTIFICATE_LIMIT: i32 = 64;

/** Bytes of the SignContent of a leaf or a key package beside its own and the group_id. */
export const SIGN_CONTENT_EXTRA: i32 = 40;

/** Rules that `leafCheck` and `leafLifetime` find broken. */
export const LEAF_RULE_ENCRYPTION_KEY: i32 = 1;
export const LEAF_RULE_SIGNATURE_KEY: i32 = 2;
export const LEAF_RULE_VERSION: i32 = 3;
export const LEAF_RULE_SUITE: i32 = 4;
export const LEAF_RULE_CREDENTIAL_TYPE: i32 = 5;
export const LEAF_RULE_EXTENSION: i32 = 6;
export const LEAF_RULE_LIFETIME_ORDER: i32 = 7;
export const LEAF_RULE_LIFETIME_LENGTH: i32 = 8;
export const LEAF_RULE_EXPIRED: i32 = 9;
export const LEAF_RULE_SOURCE: i32 = 10;
export const LEAF_RULE_REQUIRED_EXTENSION: i32 = 11;
export const LEAF_RULE_REQUIRED_PROPOSAL: i32 = 12;
export const LEAF_RULE_REQUIRED_CREDENTIAL: i32 = 13;
export const LEAF_RULE_CONTEXT_EXTENSION: i32 = 14;
export const LEAF_RULE_CREDENTIAL_IN_USE: i32 = 15;

/**
 * The words that tell `leafRules` what the group asks of a leaf. Lists are an address and a count
 * of uint16 values as on the wire; 64-bit numbers are the low word, then the high one.
 */
export const RULES_WORDS: i32 = 24;
export const RULES_VERSION: i32 = 0;
export const RULES_SUITE: i32 = 1;
export const RULES_ENCRYPTION_KEY_LENGTH: i32 = 2;
export const RULES_SIGNATURE_KEY_LENGTH: i32 = 3;
/** The leaf_node_source that is expected; 0 for any. */
export const RULES_SOURCE: i32 = 4;
export const RULES_REQUIRED_EXTENSIONS: i32 = 5;
export const RULES_REQUIRED_PROPOSALS: i32 = 7;
export const RULES_REQUIRED_CREDENTIALS: i32 = 9;
export const RULES_CONTEXT_EXTENSIONS: i32 = 11;
export const RULES_CREDENTIALS_IN_USE: i32 = 13;
/** Longest lifetime in seconds, all ones for no bound. */
export const RULES_LIFETIME: i32 = 15;
/** Not 0 to compare the lifetime with the present time. */
export const RULES_CHECK_NOW: i32 = 17;
export const RULES_NOW: i32 = 18;
export const RULES_SKEW: i32 = 20;

/** Keys that a tree can be asked for. */
export const KEY_ENCRYPTION: i32 = 1;
export const KEY_SIGNATURE: i32 = 2;

/** What `treeUndoLeaf` answers besides success. */
export const UNDO_BLANK: i32 = 1;
export const UNDO_UNTOUCHED: i32 = 2;

/** Rules that the tree finds broken (`treeErrorRule`). */
export const TREE_RULE_NONE: i32 = 0;
export const TREE_RULE_LENGTH: i32 = 1;
export const TREE_RULE_TRAILING_BLANK: i32 = 2;
export const TREE_RULE_NODE_TYPE: i32 = 3;
export const TREE_RULE_NODE_POSITION: i32 = 4;
export const TREE_RULE_UNMERGED_ORDER: i32 = 5;
export const TREE_RULE_UNMERGED_LEAF: i32 = 6;
export const TREE_RULE_UNMERGED_BETWEEN: i32 = 7;
export const TREE_RULE_PARENT_KEY: i32 = 8;
export const TREE_RULE_SIGNATURE_KEY: i32 = 9;
export const TREE_RULE_ENCRYPTION_KEY: i32 = 10;
export const TREE_RULE_LEAF_PARENT_KEY: i32 = 11;
export const TREE_RULE_NO_LEAF_BELOW: i32 = 12;
export const TREE_RULE_CHAIN: i32 = 13;
export const TREE_RULE_PATH_LENGTH: i32 = 14;
export const TREE_RULE_PATH_KEY: i32 = 15;
export const TREE_RULE_PATH_SOURCE: i32 = 16;
export const TREE_RULE_PATH_PARENT_HASH: i32 = 17;
export const TREE_RULE_CIPHERTEXTS: i32 = 18;
export const TREE_RULE_PATH_MISMATCH: i32 = 19;
export const TREE_RULE_JOIN_PATH: i32 = 20;

/** The words that the key schedule writes, a handle each. */
export const SCHEDULE_JOINER: i32 = 0;
export const SCHEDULE_WELCOME: i32 = 1;
export const SCHEDULE_FIRST_DERIVED: i32 = 2;
export const SCHEDULE_SENDER_DATA: i32 = 2;
export const SCHEDULE_ENCRYPTION: i32 = 3;
export const SCHEDULE_EXPORTER: i32 = 4;
export const SCHEDULE_EXTERNAL: i32 = 5;
export const SCHEDULE_CONFIRMATION: i32 = 6;
export const SCHEDULE_MEMBERSHIP: i32 = 7;
export const SCHEDULE_RESUMPTION: i32 = 8;
export const SCHEDULE_AUTHENTICATOR: i32 = 9;
export const SCHEDULE_INIT: i32 = 10;
export const SCHEDULE_WORDS: i32 = 11;

/** The two ratchets of a leaf. */
export const RATCHET_HANDSHAKE: i32 = 0;
export const RATCHET_APPLICATION: i32 = 1;

/** Bytes that sealing adds to a record: 32 random ones and the tag. */
export const RECORD_OVERHEAD: i32 = 48;
