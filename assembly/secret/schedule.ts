// The key schedule (RFC 9420, section 8) on secrets behind handles: what goes in and what comes
// out are handles, what lies between (the epoch_secret above all) never leaves this file.

import { aeadKeyLength, aeadOpen, aeadSeal } from "../aead/aead";
import { copyBytes, equalBytes, wipe } from "../bytes";
import { hashLength } from "../hash/hash";
import { hkdfExtract } from "../hash/hkdf";
import { hmac } from "../hash/hmac";
import { deriveSecret, expandWithLabel } from "../hash/labels";
import {
  AEAD_NONCE_LENGTH,
  SCHEDULE_FIRST_DERIVED,
  SCHEDULE_JOINER,
  SCHEDULE_WELCOME,
  SCHEDULE_WORDS,
} from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_ARGUMENT, STATUS_DECRYPT, STATUS_HANDLE, STATUS_MAC, STATUS_OK, STATUS_UNSUPPORTED } from "../status";
import { VECTOR_LIMIT } from "../varint";
import { secretAt, secretLength, secretNew, secretRelease } from "./slots";

const LONGEST_HASH: usize = 64;
const LONGEST_KEY: usize = 32;

// Nh zero bytes: the `0` of the RFC's diagrams, what handle 0 stands for.
const zeros: usize = memory.data(LONGEST_HASH, 16);
const extracted: usize = memory.data(LONGEST_HASH, 16);
const epochSecret: usize = memory.data(LONGEST_HASH, 16);
const aeadKey: usize = memory.data(LONGEST_KEY, 16);
const aeadNonce: usize = memory.data(16, 16);

// MLS-8-06: the labels of what comes from the epoch_secret, each a length byte and text, in the order of the SCHEDULE_ words:
// "sender data" "encryption" "exporter" "external" "confirm" "membership" "resumption" "authentication" "init"
const derivedLabels: usize = memory.data<u8>([
  11, 0x73, 0x65, 0x6e, 0x64, 0x65, 0x72, 0x20, 0x64, 0x61, 0x74, 0x61, 10, 0x65, 0x6e, 0x63, 0x72, 0x79, 0x70, 0x74,
  0x69, 0x6f, 0x6e, 8, 0x65, 0x78, 0x70, 0x6f, 0x72, 0x74, 0x65, 0x72, 8, 0x65, 0x78, 0x74, 0x65, 0x72, 0x6e, 0x61,
  0x6c, 7, 0x63, 0x6f, 0x6e, 0x66, 0x69, 0x72, 0x6d, 10, 0x6d, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x73, 0x68, 0x69, 0x70, 10,
  0x72, 0x65, 0x73, 0x75, 0x6d, 0x70, 0x74, 0x69, 0x6f, 0x6e, 14, 0x61, 0x75, 0x74, 0x68, 0x65, 0x6e, 0x74, 0x69, 0x63,
  0x61, 0x74, 0x69, 0x6f, 0x6e, 4, 0x69, 0x6e, 0x69, 0x74,
]);
const joinerLabel: usize = memory.data<u8>([0x6a, 0x6f, 0x69, 0x6e, 0x65, 0x72]);
const welcomeLabel: usize = memory.data<u8>([0x77, 0x65, 0x6c, 0x63, 0x6f, 0x6d, 0x65]);
const epochLabel: usize = memory.data<u8>([0x65, 0x70, 0x6f, 0x63, 0x68]);
const pskLabel: usize = memory.data<u8>([0x64, 0x65, 0x72, 0x69, 0x76, 0x65, 0x64, 0x20, 0x70, 0x73, 0x6b]);
const keyLabel: usize = memory.data<u8>([0x6b, 0x65, 0x79]);
const nonceLabel: usize = memory.data<u8>([0x6e, 0x6f, 0x6e, 0x63, 0x65]);

// The address of an Nh-byte secret; handle 0 is the zero vector; 0 for anything else.
function inputAt(handle: i32, length: usize): usize {
  if (handle == 0) return zeros;
  return secretLength(handle) == <i32>length ? secretAt(handle) : 0;
}

/** Extract(salt, ikm) as a new secret; handle 0 stands for Nh zeros on either side. */
export function secretExtract(kdf: i32, salt: i32, ikm: i32): i32 {
  const length = hashLength(kdf);
  if (length == 0) return STATUS_UNSUPPORTED;
  const saltAt = salt == 0 ? zeros : secretAt(salt);
  const ikmAt = ikm == 0 ? zeros : secretAt(ikm);
  if (saltAt == 0 || ikmAt == 0) return STATUS_HANDLE;
  const saltLength = salt == 0 ? length : <usize>secretLength(salt);
  const ikmLength = ikm == 0 ? length : <usize>secretLength(ikm);
  const result = secretNew(<u32>length);
  hkdfExtract(kdf, secretAt(result), saltAt, saltLength, ikmAt, ikmLength);
  return result;
}

/** ExpandWithLabel(secret, label, context, length) as a new secret; the label without its prefix. */
export function secretExpandWithLabel(
  kdf: i32,
  secret: i32,
  label: usize,
  labelLength: usize,
  context: usize,
  contextLength: usize,
  length: u32,
): i32 {
  const from = secretAt(secret);
  if (from == 0) return STATUS_HANDLE;
  const nh = hashLength(kdf);
  if (nh == 0) return STATUS_UNSUPPORTED;
  if (<usize>length > 255 * nh) return STATUS_ARGUMENT;
  const result = secretNew(length);
  const status = expandWithLabel(
    kdf,
    secretAt(result),
    <usize>length,
    from,
    <usize>secretLength(secret),
    label,
    labelLength,
    context,
    contextLength,
  );
  if (status == STATUS_OK) return result;
  secretRelease(result);
  return status;
}

/** DeriveSecret(secret, label) as a new secret. */
export function secretDerive(kdf: i32, secret: i32, label: usize, labelLength: usize): i32 {
  return secretExpandWithLabel(kdf, secret, label, labelLength, 0, 0, <u32>hashLength(kdf));
}

/** The suite's MAC, Nh bytes at `dst`. */
export function secretMac(kdf: i32, dst: usize, key: i32, message: usize, length: usize): i32 {
  const at = secretAt(key);
  if (at == 0) return STATUS_HANDLE;
  hmac(kdf, dst, at, <usize>secretLength(key), message, length);
  return STATUS_OK;
}

/** STATUS_MAC unless `tag` is the MAC of the message, over its full length (MLS-6.2-05, DEF-01); constant time. */
export function secretVerifyMac(kdf: i32, key: i32, message: usize, length: usize, tag: usize, tagLength: usize): i32 {
  const status = secretMac(kdf, extracted, key, message, length);
  if (status != STATUS_OK) return status;
  const same = tagLength == hashLength(kdf) ? equalBytes(extracted, tag, tagLength) : 0;
  wipe(extracted, LONGEST_HASH);
  return same == 1 ? STATUS_OK : STATUS_MAC;
}

function deriveKeyAndNonce(kdf: i32, aead: i32, secret: i32, context: usize, contextLength: usize): i32 {
  const at = secretAt(secret);
  if (at == 0) return STATUS_HANDLE;
  const length = <usize>secretLength(secret);
  const keyLength = aeadKeyLength(aead);
  if (keyLength == 0) return STATUS_UNSUPPORTED;
  const nonceLength = <usize>AEAD_NONCE_LENGTH;
  const status = expandWithLabel(kdf, aeadKey, keyLength, at, length, keyLabel, 3, context, contextLength);
  if (status != STATUS_OK) return status;
  return expandWithLabel(kdf, aeadNonce, nonceLength, at, length, nonceLabel, 5, context, contextLength);
}

/**
 * AEAD-seals under the key and nonce that ExpandWithLabel gives for "key" and "nonce" in `context`: the sender data
 * (section 6.3.2; the context is the ciphertext sample) and a Welcome's GroupInfo (section 12.4.3.1; no context).
 */
export function secretSeal(
  kdf: i32,
  aead: i32,
  dst: usize,
  secret: i32,
  context: usize,
  contextLength: usize,
  aad: usize,
  aadLength: usize,
  plaintext: usize,
  length: usize,
): i32 {
  let status = deriveKeyAndNonce(kdf, aead, secret, context, contextLength);
  if (status == STATUS_OK) status = aeadSeal(aead, dst, aeadKey, aeadNonce, aad, aadLength, plaintext, length);
  wipe(aeadKey, LONGEST_KEY);
  wipe(aeadNonce, 16);
  return status;
}

/** Opens what `secretSeal` made. */
export function secretOpen(
  kdf: i32,
  aead: i32,
  dst: usize,
  secret: i32,
  context: usize,
  contextLength: usize,
  aad: usize,
  aadLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  if (length < 16) return STATUS_DECRYPT;
  let status = deriveKeyAndNonce(kdf, aead, secret, context, contextLength);
  if (status == STATUS_OK) status = aeadOpen(aead, dst, aeadKey, aeadNonce, aad, aadLength, ciphertext, length);
  wipe(aeadKey, LONGEST_KEY);
  wipe(aeadNonce, 16);
  return status;
}

// The eight derived secrets and the init_secret, from `epochSecret`, which is then wiped (MLS-9.2-02).
function deriveAll(kdf: i32, out: usize): void {
  let label = derivedLabels;
  for (let i = SCHEDULE_FIRST_DERIVED; i < SCHEDULE_WORDS; i++) {
    const labelLength = <usize>load<u8>(label);
    const secret = secretNew(<u32>hashLength(kdf));
    deriveSecret(kdf, secretAt(secret), epochSecret, label + 1, labelLength);
    store<i32>(out + ((<usize>i) << 2), secret);
    label += 1 + labelLength;
  }
  wipe(epochSecret, LONGEST_HASH);
}

// Whether ExpandWithLabel takes a context of this length: asked before any secret is made.
function isContext(length: usize): bool {
  return length <= <usize>VECTOR_LIMIT;
}

function fromJoiner(kdf: i32, joiner: usize, psk: usize, context: usize, contextLength: usize, out: usize): void {
  const length = hashLength(kdf);
  // MLS-8-04
  hkdfExtract(kdf, extracted, joiner, length, psk, length);
  const welcome = secretNew(<u32>length);
  deriveSecret(kdf, secretAt(welcome), extracted, welcomeLabel, 7);
  store<i32>(out + ((<usize>SCHEDULE_WELCOME) << 2), welcome);
  // MLS-8-05
  expandWithLabel(kdf, epochSecret, length, extracted, length, epochLabel, 5, context, contextLength);
  wipe(extracted, LONGEST_HASH);
  deriveAll(kdf, out);
}

/**
 * The secrets of a new epoch from init_secret[n-1], commit_secret and psk_secret (handle 0: Nh zeros) and the new
 * epoch's GroupContext (MLS-8-09). Writes a handle for every SCHEDULE_ word; the inputs stay the caller's to wipe.
 */
export function scheduleCommit(
  kdf: i32,
  init: i32,
  commit: i32,
  psk: i32,
  context: usize,
  contextLength: usize,
  out: usize,
): i32 {
  const length = hashLength(kdf);
  if (length == 0) return STATUS_UNSUPPORTED;
  const initAt = inputAt(init, length);
  const commitAt = inputAt(commit, length);
  const pskAt = inputAt(psk, length);
  if (init == 0 || initAt == 0 || commitAt == 0 || pskAt == 0 || !isContext(contextLength)) return STATUS_ARGUMENT;
  // MLS-8-03
  const joiner = secretNew(<u32>length);
  hkdfExtract(kdf, extracted, initAt, length, commitAt, length);
  expandWithLabel(kdf, secretAt(joiner), length, extracted, length, joinerLabel, 6, context, contextLength);
  store<i32>(out + ((<usize>SCHEDULE_JOINER) << 2), joiner);
  fromJoiner(kdf, secretAt(joiner), pskAt, context, contextLength, out);
  return STATUS_OK;
}

/** welcome_secret from the joiner_secret of a Welcome: opens the GroupInfo, from which the GroupContext is learnt. */
export function scheduleWelcome(kdf: i32, joiner: i32, psk: i32): i32 {
  const length = hashLength(kdf);
  if (length == 0) return STATUS_UNSUPPORTED;
  const joinerAt = inputAt(joiner, length);
  const pskAt = inputAt(psk, length);
  if (joiner == 0 || joinerAt == 0 || pskAt == 0) return STATUS_ARGUMENT;
  hkdfExtract(kdf, extracted, joinerAt, length, pskAt, length);
  const welcome = secretNew(<u32>length);
  deriveSecret(kdf, secretAt(welcome), extracted, welcomeLabel, 7);
  wipe(extracted, LONGEST_HASH);
  return welcome;
}

/** The secrets of an epoch from the joiner_secret of a Welcome. SCHEDULE_JOINER of `out` is left alone. */
export function scheduleJoin(kdf: i32, joiner: i32, psk: i32, context: usize, contextLength: usize, out: usize): i32 {
  const length = hashLength(kdf);
  if (length == 0) return STATUS_UNSUPPORTED;
  const joinerAt = inputAt(joiner, length);
  const pskAt = inputAt(psk, length);
  if (joiner == 0 || joinerAt == 0 || pskAt == 0 || !isContext(contextLength)) return STATUS_ARGUMENT;
  fromJoiner(kdf, joinerAt, pskAt, context, contextLength, out);
  return STATUS_OK;
}

/** The secrets of a new group's first epoch from a random epoch_secret (section 11); only the derived words are written. */
export function scheduleCreate(kdf: i32, epoch: i32, out: usize): i32 {
  const length = hashLength(kdf);
  if (length == 0) return STATUS_UNSUPPORTED;
  const at = inputAt(epoch, length);
  if (epoch == 0 || at == 0) return STATUS_ARGUMENT;
  copyBytes(epochSecret, at, length);
  deriveAll(kdf, out);
  return STATUS_OK;
}

/**
 * One link of the psk_secret chain (MLS-8.4-04, MLS-8.4-05): the next psk_secret from the one so far (handle 0: Nh
 * zeros), the PSK and its encoded PSKLabel.
 */
export function schedulePsk(kdf: i32, pskSecret: i32, psk: i32, label: usize, labelLength: usize): i32 {
  const length = hashLength(kdf);
  if (length == 0) return STATUS_UNSUPPORTED;
  const soFar = inputAt(pskSecret, length);
  const pskAt = secretAt(psk);
  if (soFar == 0 || pskAt == 0) return STATUS_ARGUMENT;
  const mark = scratchMark();
  const input = scratch(length);
  hkdfExtract(kdf, extracted, zeros, length, pskAt, <usize>secretLength(psk));
  const status = expandWithLabel(kdf, input, length, extracted, length, pskLabel, 11, label, labelLength);
  wipe(extracted, LONGEST_HASH);
  let next = status;
  if (status == STATUS_OK) {
    next = secretNew(<u32>length);
    hkdfExtract(kdf, secretAt(next), input, length, soFar, length);
  }
  scratchRelease(mark);
  return next;
}
