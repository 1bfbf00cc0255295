// The one parser of LeafNode (RFC 9420 section 7.2), for the tree and the bindings alike: it checks
// a leaf once and leaves behind the offsets of its fields, so that nobody parses it a second time.

import { load16be, load64be } from "../bytes";
import {
  CREDENTIAL_BASIC,
  CREDENTIAL_X509,
  EXTENSION_APPLICATION_ID,
  LEAF_ARM,
  LEAF_CAPABILITIES,
  LEAF_CERTIFICATE_LIMIT,
  LEAF_CREDENTIAL,
  LEAF_CREDENTIAL_TYPE,
  LEAF_ENCRYPTION_KEY,
  LEAF_EXTENSION_LIMIT,
  LEAF_EXTENSIONS,
  LEAF_LENGTH_LIMIT,
  LEAF_LIST_CREDENTIALS,
  LEAF_LIST_EXTENSIONS,
  LEAF_LIST_PROPOSALS,
  LEAF_LIST_SUITES,
  LEAF_LIST_VERSIONS,
  LEAF_RULE_CREDENTIAL_TYPE,
  LEAF_RULE_ENCRYPTION_KEY,
  LEAF_RULE_EXPIRED,
  LEAF_RULE_EXTENSION,
  LEAF_RULE_LIFETIME_LENGTH,
  LEAF_RULE_LIFETIME_ORDER,
  LEAF_RULE_SIGNATURE_KEY,
  LEAF_RULE_SUITE,
  LEAF_RULE_VERSION,
  LEAF_SIGNATURE,
  LEAF_SIGNATURE_KEY,
  LEAF_SOURCE,
  LEAF_SOURCE_COMMIT,
  LEAF_SOURCE_KEY_PACKAGE,
  LEAF_TBS_LENGTH,
  LEAST_CUSTOM_EXTENSION,
  LEAST_CUSTOM_PROPOSAL,
} from "../layout";
import {
  STATUS_ARGUMENT,
  STATUS_EXTENSION,
  STATUS_LIMIT,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_UNSUPPORTED,
} from "../status";
import { vectorHeader } from "../varint";

// Credential types that the application gives a meaning to; each is one opaque vector.
const CREDENTIAL_TYPES_LIMIT: i32 = 32;
const credentialTypes: usize = memory.data(CREDENTIAL_TYPES_LIMIT * 2, 2);
let credentialTypeCount: i32 = 0;

// The state of one parse: the unread part, and the words to fill.
let start: usize = 0;
let at: usize = 0;
let end: usize = 0;
let words: usize = 0;

// Extension types seen so far in the list at hand.
const seenTypes: usize = memory.data(LEAF_EXTENSION_LIMIT * 2, 2);

function isCredentialTypeRegistered(type: u32): bool {
  for (let i = 0; i < credentialTypeCount; i++) {
    if (<u32>load<u16>(credentialTypes + ((<usize>i) << 1)) == type) return true;
  }
  return false;
}

/**
 * Lets leaves carry credentials of one more type, each a single opaque vector (MLS-5.3-01).
 * Holds for every group of this engine.
 */
export function credentialTypeRegister(type: i32): i32 {
  const value = <u32>type;
  if (value == 0 || value > 0xffff) return STATUS_ARGUMENT;
  if (value == CREDENTIAL_BASIC || value == CREDENTIAL_X509 || isCredentialTypeRegistered(value)) return STATUS_OK;
  if (credentialTypeCount >= CREDENTIAL_TYPES_LIMIT) return STATUS_LIMIT;
  store<u16>(credentialTypes + ((<usize>credentialTypeCount) << 1), <u16>value);
  credentialTypeCount++;
  return STATUS_OK;
}

function setWord(index: i32, value: usize): void {
  store<u32>(words + ((<usize>index) << 2), <u32>value);
}

function word(from: usize, index: i32): usize {
  return <usize>load<u32>(from + ((<usize>index) << 2));
}

/** Steps over a vector and notes its content in two words. */
function takeVector(index: i32): bool {
  const header = vectorHeader(at, end);
  if (header == 0) return false;
  const content = at + <usize>(header >> 32);
  const length = <usize>(header & 0xffffffff);
  setWord(index, content - start);
  setWord(index + 1, length);
  at = content + length;
  return true;
}

/** The same for a vector of uint16, whose content is even (MLS-2.1.2-05). */
function takeList(index: i32): bool {
  const before = at;
  if (!takeVector(index)) return false;
  if ((word(words, index + 1) & 1) == 0) return true;
  at = before;
  return false;
}

function takeCredential(): i32 {
  const from = at;
  if (end - at < 2) return STATUS_MALFORMED;
  const type = load16be(at);
  if (type != CREDENTIAL_BASIC && type != CREDENTIAL_X509 && !isCredentialTypeRegistered(type))
    return STATUS_UNSUPPORTED;
  at += 2;
  const header = vectorHeader(at, end);
  if (header == 0) return STATUS_MALFORMED;
  at += <usize>(header >> 32);
  const until = at + <usize>(header & 0xffffffff);
  if (type == CREDENTIAL_X509) {
    for (let count = 0; at < until; count++) {
      if (count >= LEAF_CERTIFICATE_LIMIT) return STATUS_LIMIT;
      const certificate = vectorHeader(at, until);
      if (certificate == 0) return STATUS_MALFORMED;
      at += <usize>(certificate >> 32) + <usize>(certificate & 0xffffffff);
    }
  }
  at = until;
  setWord(LEAF_CREDENTIAL, from - start);
  setWord(LEAF_CREDENTIAL + 1, at - from);
  setWord(LEAF_CREDENTIAL_TYPE, <usize>type);
  return STATUS_OK;
}

// MLS-7.2-01: the source selects what follows it.
function takeArm(): i32 {
  if (at >= end) return STATUS_MALFORMED;
  const source = <i32>load<u8>(at);
  if (source < LEAF_SOURCE_KEY_PACKAGE || source > LEAF_SOURCE_COMMIT) return STATUS_MALFORMED;
  at++;
  setWord(LEAF_SOURCE, <usize>source);
  if (source == LEAF_SOURCE_COMMIT) return takeVector(LEAF_ARM) ? STATUS_OK : STATUS_MALFORMED;
  const length: usize = source == LEAF_SOURCE_KEY_PACKAGE ? 16 : 0;
  if (end - at < length) return STATUS_MALFORMED;
  setWord(LEAF_ARM, at - start);
  setWord(LEAF_ARM + 1, length);
  at += length;
  return STATUS_OK;
}

// Duplicates (MLS-13.4-06) and known types that belong elsewhere (MLS-17.3-01) are found by the
// type alone; the body of an extension is not looked at (DEF-07).
function takeExtensions(): i32 {
  const before = at;
  if (!takeVector(LEAF_EXTENSIONS)) return STATUS_MALFORMED;
  const until = at;
  at = start + word(words, LEAF_EXTENSIONS);
  let count = 0;
  while (at < until) {
    if (until - at < 2) return STATUS_MALFORMED;
    const type = load16be(at);
    if (type < LEAST_CUSTOM_EXTENSION && type > EXTENSION_APPLICATION_ID) return STATUS_EXTENSION;
    for (let i = 0; i < count; i++) {
      if (<u32>load<u16>(seenTypes + ((<usize>i) << 1)) == type) return STATUS_EXTENSION;
    }
    if (count >= LEAF_EXTENSION_LIMIT) {
      at = before;
      return STATUS_LIMIT;
    }
    store<u16>(seenTypes + ((<usize>count) << 1), <u16>type);
    count++;
    const header = vectorHeader(at + 2, until);
    if (header == 0) return STATUS_MALFORMED;
    at += 2 + <usize>(header >> 32) + <usize>(header & 0xffffffff);
  }
  return STATUS_OK;
}

function takeLeaf(): i32 {
  if (!takeVector(LEAF_ENCRYPTION_KEY) || !takeVector(LEAF_SIGNATURE_KEY)) return STATUS_MALFORMED;
  let status = takeCredential();
  if (status < 0) return status;
  for (let list = LEAF_LIST_VERSIONS; list <= LEAF_LIST_CREDENTIALS; list++) {
    if (!takeList(LEAF_CAPABILITIES + 2 * list)) return STATUS_MALFORMED;
  }
  status = takeArm();
  if (status < 0) return status;
  status = takeExtensions();
  if (status < 0) return status;
  setWord(LEAF_TBS_LENGTH, at - start);
  if (!takeVector(LEAF_SIGNATURE)) return STATUS_MALFORMED;
  return at - start > <usize>LEAF_LENGTH_LIMIT ? STATUS_LIMIT : STATUS_OK;
}

/**
 * Parses the LeafNode at `bytes`, of which `length` bytes may be read, and fills the LEAF_WORDS
 * words at `out` (see layout.ts). Returns the bytes of the leaf; or a status, and word 0 is then
 * the offset of the field at fault.
 */
export function leafParse(bytes: usize, length: usize, out: usize): i32 {
  start = bytes;
  at = bytes;
  end = bytes + length;
  words = out;
  const status = takeLeaf();
  setWord(0, at - start);
  return status < 0 ? status : <i32>(at - start);
}

function listHas(bytes: usize, leaf: usize, list: i32, type: u32): bool {
  const index = LEAF_CAPABILITIES + 2 * list;
  let entry = bytes + word(leaf, index);
  const until = entry + word(leaf, index + 1);
  for (; entry < until; entry += 2) {
    if (load16be(entry) == type) return true;
  }
  return false;
}

function extensionsListed(bytes: usize, leaf: usize): bool {
  let entry = bytes + word(leaf, LEAF_EXTENSIONS);
  const until = entry + word(leaf, LEAF_EXTENSIONS + 1);
  while (entry < until) {
    const type = load16be(entry);
    if (!(type > 0 && type < LEAST_CUSTOM_EXTENSION) && !listHas(bytes, leaf, LEAF_LIST_EXTENSIONS, type)) return false;
    const header = vectorHeader(entry + 2, until);
    entry += 2 + <usize>(header >> 32) + <usize>(header & 0xffffffff);
  }
  return true;
}

/**
 * The rules of sections 7.2 and 7.3 that need no group but its version and suite (whose key
 * lengths are given). `leaf` are the words of a parsed leaf. Returns 0 or a LEAF_RULE number.
 */
export function leafCheck(
  bytes: usize,
  leaf: usize,
  version: u32,
  suite: u32,
  encryptionKeyLength: usize,
  signatureKeyLength: usize,
): i32 {
  if (word(leaf, LEAF_ENCRYPTION_KEY + 1) != encryptionKeyLength) return LEAF_RULE_ENCRYPTION_KEY; // MLS-10-04
  if (word(leaf, LEAF_SIGNATURE_KEY + 1) != signatureKeyLength) return LEAF_RULE_SIGNATURE_KEY; // MLS-10-04
  if (!listHas(bytes, leaf, LEAF_LIST_VERSIONS, version)) return LEAF_RULE_VERSION; // MLS-7.2-05
  if (!listHas(bytes, leaf, LEAF_LIST_SUITES, suite)) return LEAF_RULE_SUITE; // MLS-7.2-05
  const credentialType = <u32>word(leaf, LEAF_CREDENTIAL_TYPE);
  if (!listHas(bytes, leaf, LEAF_LIST_CREDENTIALS, credentialType)) return LEAF_RULE_CREDENTIAL_TYPE; // MLS-7.2-07
  if (!extensionsListed(bytes, leaf)) return LEAF_RULE_EXTENSION; // MLS-7.2-06, MLS-7.3-09, MLS-7.3-17
  if (<i32>word(leaf, LEAF_SOURCE) == LEAF_SOURCE_KEY_PACKAGE) {
    const lifetime = bytes + word(leaf, LEAF_ARM);
    if (load64be(lifetime + 8) < load64be(lifetime)) return LEAF_RULE_LIFETIME_ORDER; // MLS-7.2-10
  }
  return 0;
}

/**
 * The lifetime of a leaf from a KeyPackage (other leaves have none and pass): its length is at most
 * `maximum` seconds (MLS-7.2-11; all ones for no bound), and if `checkNow` is not 0, `now` lies
 * inside it, give or take `skew` (MLS-7.3-07, -08, MLS-7.2-12). Returns 0 or a LEAF_RULE number.
 */
export function leafLifetime(bytes: usize, leaf: usize, maximum: u64, checkNow: i32, now: u64, skew: u64): i32 {
  if (<i32>word(leaf, LEAF_SOURCE) != LEAF_SOURCE_KEY_PACKAGE) return 0;
  const notBefore = load64be(bytes + word(leaf, LEAF_ARM));
  const notAfter = load64be(bytes + word(leaf, LEAF_ARM) + 8);
  if (notAfter < notBefore) return LEAF_RULE_LIFETIME_ORDER;
  if (notAfter - notBefore > maximum) return LEAF_RULE_LIFETIME_LENGTH;
  if (checkNow == 0) return 0;
  const early = now < notBefore && notBefore - now > skew;
  const late = now > notAfter && now - notAfter > skew;
  return early || late ? LEAF_RULE_EXPIRED : 0;
}

// One bit per uint16 value; all zero between calls.
const listed: usize = memory.data(8192, 16);

function markListed(bytes: usize, leaf: usize, index: i32, mark: bool): void {
  let entry = bytes + word(leaf, index);
  const until = entry + word(leaf, index + 1);
  for (; entry < until; entry += 2) {
    const type = load16be(entry);
    const byte = listed + <usize>(type >> 3);
    store<u8>(byte, mark ? <u8>((<u32>load<u8>(byte)) | (1 << (type & 7))) : 0);
  }
}

/**
 * 1 when the leaf supports all `count` values at `types` (uint16 as on the wire) of the kind
 * `list`, else 0. The extension and proposal types of RFC 9420 itself are always supported, and
 * never listed (MLS-7.2-03, -04, MLS-7.3-04). Takes time linear in both lists.
 */
export function leafSupports(bytes: usize, leaf: usize, list: i32, types: usize, count: usize): i32 {
  if (list < LEAF_LIST_VERSIONS || list > LEAF_LIST_CREDENTIALS) return STATUS_ARGUMENT;
  const implied: u32 =
    list == LEAF_LIST_EXTENSIONS ? LEAST_CUSTOM_EXTENSION : list == LEAF_LIST_PROPOSALS ? LEAST_CUSTOM_PROPOSAL : 1;
  const index = LEAF_CAPABILITIES + 2 * list;
  markListed(bytes, leaf, index, true);
  let result = 1;
  for (let i: usize = 0; i < count; i++) {
    const type = load16be(types + (i << 1));
    if (type > 0 && type < implied) continue;
    if (((<u32>load<u8>(listed + <usize>(type >> 3))) & (1 << (type & 7))) == 0) {
      result = 0;
      break;
    }
  }
  markListed(bytes, leaf, index, false);
  return result;
}
