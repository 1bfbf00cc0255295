// EncryptWithLabel and DecryptWithLabel (RFC 9420, section 5.1.3).

import { copyBytes } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_DECRYPT } from "../status";
import { headerLength, writeHeader } from "../varint";
import { hpkeOpen, hpkeSealMany } from "./base";
import { kemPublicKeyLength } from "./kem";

// "MLS 1.0 "
const prefix: usize = memory.data<u8>([0x4d, 0x4c, 0x53, 0x20, 0x31, 0x2e, 0x30, 0x20]);
const PREFIX_LENGTH: usize = 8;

function encryptContextLength(labelLength: usize, contextLength: usize): usize {
  const fullLength = PREFIX_LENGTH + labelLength;
  return <usize>headerLength(<u32>fullLength) + fullLength + <usize>headerLength(<u32>contextLength) + contextLength;
}

// MLS-5.1.3-01: EncryptContext, the info of HPKE.
function storeEncryptContext(to: usize, label: usize, labelLength: usize, context: usize, contextLength: usize): void {
  let at = writeHeader(to, <u32>(PREFIX_LENGTH + labelLength));
  copyBytes(at, prefix, PREFIX_LENGTH);
  copyBytes(at + PREFIX_LENGTH, label, labelLength);
  at = writeHeader(at + PREFIX_LENGTH + labelLength, <u32>contextLength);
  copyBytes(at, context, contextLength);
}

/** EncryptWithLabel to many public keys; arguments and result as in `hpkeSealMany`, the label without "MLS 1.0 ". */
export function encryptWithLabelMany(
  kem: i32,
  kdf: i32,
  aead: i32,
  count: u32,
  publicKeys: usize,
  keyStride: usize,
  label: usize,
  labelLength: usize,
  context: usize,
  contextLength: usize,
  plaintexts: usize,
  plaintextStride: usize,
  plaintextLength: usize,
  seed: usize,
  dstEnc: usize,
  encStride: usize,
  dstCiphertext: usize,
  ciphertextStride: usize,
): i32 {
  const mark = scratchMark();
  const infoLength = encryptContextLength(labelLength, contextLength);
  const info = scratch(infoLength);
  storeEncryptContext(info, label, labelLength, context, contextLength);
  const status = hpkeSealMany(
    kem,
    kdf,
    aead,
    count,
    publicKeys,
    keyStride,
    info,
    infoLength,
    plaintexts,
    plaintextStride,
    plaintextLength,
    seed,
    dstEnc,
    encStride,
    dstCiphertext,
    ciphertextStride,
  );
  scratchRelease(mark);
  return status;
}

/** DecryptWithLabel: writes length - 16 bytes; STATUS_DECRYPT on any failure, a kem_output of another length included. */
export function decryptWithLabel(
  kem: i32,
  kdf: i32,
  aead: i32,
  dst: usize,
  privateKey: usize,
  publicKey: usize,
  label: usize,
  labelLength: usize,
  context: usize,
  contextLength: usize,
  enc: usize,
  encLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  if (encLength != kemPublicKeyLength(kem)) return STATUS_DECRYPT;
  const mark = scratchMark();
  const infoLength = encryptContextLength(labelLength, contextLength);
  const info = scratch(infoLength);
  storeEncryptContext(info, label, labelLength, context, contextLength);
  const status = hpkeOpen(kem, kdf, aead, dst, privateKey, publicKey, enc, info, infoLength, 0, 0, ciphertext, length);
  scratchRelease(mark);
  return status;
}
