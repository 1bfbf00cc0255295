// LabeledExtract and LabeledExpand (RFC 9180, section 4).

import { copyBytes, store16be } from "../bytes";
import { hkdfExpand } from "../hash/hkdf";
import { hkdfExpandMany, hkdfExtractMany } from "../hash/hkdfmany";
import { hashLength } from "../hash/hash";
import { hmacBegin, hmacFinish, hmacUpdate } from "../hash/hmac";
import { HMAC_CONTEXT } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";

// "HPKE-v1"
const version: usize = memory.data<u8>([0x48, 0x50, 0x4b, 0x45, 0x2d, 0x76, 0x31]);
const VERSION_LENGTH: usize = 7;

const running: usize = memory.data(HMAC_CONTEXT, 16);

/** Writes LabeledExtract(salt, label, ikm), Nh bytes. */
export function labeledExtract(
  kdf: i32,
  dst: usize,
  suite: usize,
  suiteLength: usize,
  salt: usize,
  saltLength: usize,
  label: usize,
  labelLength: usize,
  ikm: usize,
  ikmLength: usize,
): void {
  hmacBegin(kdf, running, salt, saltLength);
  hmacUpdate(kdf, running, version, VERSION_LENGTH);
  hmacUpdate(kdf, running, suite, suiteLength);
  hmacUpdate(kdf, running, label, labelLength);
  hmacUpdate(kdf, running, ikm, ikmLength);
  hmacFinish(kdf, running, dst);
}

function labeledInfoLength(suiteLength: usize, labelLength: usize, infoLength: usize): usize {
  return 2 + VERSION_LENGTH + suiteLength + labelLength + infoLength;
}

function storeLabeledInfo(
  to: usize,
  length: usize,
  suite: usize,
  suiteLength: usize,
  label: usize,
  labelLength: usize,
  info: usize,
  infoLength: usize,
): void {
  store16be(to, <u32>length);
  copyBytes(to + 2, version, VERSION_LENGTH);
  let at = to + 2 + VERSION_LENGTH;
  copyBytes(at, suite, suiteLength);
  at += suiteLength;
  copyBytes(at, label, labelLength);
  copyBytes(at + labelLength, info, infoLength);
}

/** Writes LabeledExpand(prk, label, info, length) for a prk of Nh bytes; STATUS_ARGUMENT when it asks for too much. */
export function labeledExpand(
  kdf: i32,
  dst: usize,
  length: usize,
  suite: usize,
  suiteLength: usize,
  prk: usize,
  label: usize,
  labelLength: usize,
  info: usize,
  infoLength: usize,
): i32 {
  const mark = scratchMark();
  const labeled = scratch(labeledInfoLength(suiteLength, labelLength, infoLength));
  storeLabeledInfo(labeled, length, suite, suiteLength, label, labelLength, info, infoLength);
  const prkLength = hashLength(kdf);
  const labeledLength = labeledInfoLength(suiteLength, labelLength, infoLength);
  const status = hkdfExpand(kdf, dst, length, prk, prkLength, labeled, labeledLength);
  scratchRelease(mark);
  return status;
}

/**
 * The same for `count` keys, one every Nh bytes, and infos, one every `infoStride` bytes (0: one for all); output i, of
 * at most Nh bytes, goes to dst + i * dstStride.
 */
export function labeledExpandMany(
  kdf: i32,
  count: usize,
  dst: usize,
  dstStride: usize,
  length: usize,
  suite: usize,
  suiteLength: usize,
  prks: usize,
  label: usize,
  labelLength: usize,
  infos: usize,
  infoStride: usize,
  infoLength: usize,
): void {
  const mark = scratchMark();
  const labeledLength = labeledInfoLength(suiteLength, labelLength, infoLength);
  const labeled = scratch((infoStride == 0 ? 1 : count) * labeledLength);
  for (let i: usize = 0; i < count && (i == 0 || infoStride != 0); i++) {
    const info = infos + i * infoStride;
    storeLabeledInfo(labeled + i * labeledLength, length, suite, suiteLength, label, labelLength, info, infoLength);
  }
  const stride = infoStride == 0 ? 0 : labeledLength;
  hkdfExpandMany(kdf, count, dst, dstStride, length, prks, hashLength(kdf), labeled, stride, labeledLength);
  scratchRelease(mark);
}

/**
 * LabeledExtract for `count` salts (32 bytes, or none) and key materials, each at its stride (0: one for all); key i
 * goes to dst + i * Nh.
 */
export function labeledExtractMany(
  kdf: i32,
  count: usize,
  dst: usize,
  suite: usize,
  suiteLength: usize,
  salts: usize,
  saltStride: usize,
  saltLength: usize,
  label: usize,
  labelLength: usize,
  ikms: usize,
  ikmStride: usize,
  ikmLength: usize,
): void {
  const mark = scratchMark();
  const prefixLength = VERSION_LENGTH + suiteLength + labelLength;
  const length = prefixLength + ikmLength;
  const labeled = scratch((ikmStride == 0 ? 1 : count) * length);
  for (let i: usize = 0; i < count && (i == 0 || ikmStride != 0); i++) {
    const to = labeled + i * length;
    copyBytes(to, version, VERSION_LENGTH);
    copyBytes(to + VERSION_LENGTH, suite, suiteLength);
    copyBytes(to + VERSION_LENGTH + suiteLength, label, labelLength);
    copyBytes(to + prefixLength, ikms + i * ikmStride, ikmLength);
  }
  hkdfExtractMany(kdf, count, dst, salts, saltStride, saltLength, labeled, ikmStride == 0 ? 0 : length, length);
  scratchRelease(mark);
}
