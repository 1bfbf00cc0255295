// HPKE in base mode (RFC 9180, sections 5 and 6.1): one message per context, and Export.
// A suite is (kem, kdf, aead) by their registered numbers.

import { aeadKeyLength, aeadOpen, aeadSeal } from "../aead/aead";
import { store16be } from "../bytes";
import { countOperations } from "../counters";
import { hashLength } from "../hash/hash";
import { AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, COUNT_OPEN, COUNT_SEAL, KDF_SHA256, KDF_SHA512 } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_DECRYPT, STATUS_OK, STATUS_UNSUPPORTED } from "../status";
import { kemDecap, kemEncapMany, kemFaultIndex, kemSecretLength, kemSupported } from "./kem";
import { labeledExpand, labeledExpandMany, labeledExtract, labeledExtractMany } from "./labeled";

const NONCE: usize = <usize>AEAD_NONCE_LENGTH;
const TAG: usize = <usize>AEAD_TAG_LENGTH;

// "HPKE" and the numbers of KEM, KDF and AEAD.
const suite: usize = memory.data<u8>([0x48, 0x50, 0x4b, 0x45, 0, 0, 0, 0, 0, 0]);
const SUITE_LENGTH: usize = 10;

// "psk_id_hash", "info_hash", "secret", "key", "base_nonce", "exp", "sec"
const labelPskIdHash: usize = memory.data<u8>([0x70, 0x73, 0x6b, 0x5f, 0x69, 0x64, 0x5f, 0x68, 0x61, 0x73, 0x68]);
const labelInfoHash: usize = memory.data<u8>([0x69, 0x6e, 0x66, 0x6f, 0x5f, 0x68, 0x61, 0x73, 0x68]);
const labelSecret: usize = memory.data<u8>([0x73, 0x65, 0x63, 0x72, 0x65, 0x74]);
const labelKey: usize = memory.data<u8>([0x6b, 0x65, 0x79]);
const labelBaseNonce: usize = memory.data<u8>([0x62, 0x61, 0x73, 0x65, 0x5f, 0x6e, 0x6f, 0x6e, 0x63, 0x65]);
const labelExp: usize = memory.data<u8>([0x65, 0x78, 0x70]);
const labelSec: usize = memory.data<u8>([0x73, 0x65, 0x63]);

// mode_base | psk_id_hash | info_hash
const keyScheduleContext: usize = memory.data(129, 16);

// Sets suite_id and key_schedule_context, which all receivers of one info share; STATUS_UNSUPPORTED for a suite
// this build does not have.
function beginSuite(kem: i32, kdf: i32, aead: i32, info: usize, infoLength: usize): i32 {
  if (!kemSupported(kem) || kdf < KDF_SHA256 || kdf > KDF_SHA512) return STATUS_UNSUPPORTED;
  if (aeadKeyLength(aead) == 0) return STATUS_UNSUPPORTED;
  store16be(suite + 4, <u32>kem);
  store16be(suite + 6, <u32>kdf);
  store16be(suite + 8, <u32>aead);
  const hashes = keyScheduleContext + 1;
  labeledExtract(kdf, hashes, suite, SUITE_LENGTH, 0, 0, labelPskIdHash, 11, 0, 0);
  labeledExtract(kdf, hashes + hashLength(kdf), suite, SUITE_LENGTH, 0, 0, labelInfoHash, 9, info, infoLength);
  return STATUS_OK;
}

function contextLength(kdf: i32): usize {
  return 1 + 2 * hashLength(kdf);
}

// KeySchedule (section 5.1), as far as the secrets that keys, nonces and exporter secrets come from.
function scheduleSecrets(kdf: i32, count: usize, dst: usize, shared: usize, length: usize): void {
  labeledExtractMany(kdf, count, dst, suite, SUITE_LENGTH, shared, length, length, labelSecret, 6, 0, 0, 0);
}

// Keys and base nonces of `count` schedule secrets, all dense.
function scheduleKeys(kdf: i32, aead: i32, count: usize, keys: usize, nonces: usize, secrets: usize): void {
  const length = contextLength(kdf);
  const k = aeadKeyLength(aead);
  const n = NONCE;
  const context = keyScheduleContext;
  labeledExpandMany(kdf, count, keys, k, k, suite, SUITE_LENGTH, secrets, labelKey, 3, context, 0, length);
  labeledExpandMany(kdf, count, nonces, n, n, suite, SUITE_LENGTH, secrets, labelBaseNonce, 10, context, 0, length);
}

// Context.Export (section 5.3) of a schedule secret.
function exportFrom(
  kdf: i32,
  dst: usize,
  length: usize,
  secret: usize,
  exporterContext: usize,
  exporterContextLength: usize,
): i32 {
  const exporter = scratch(hashLength(kdf));
  const contextBytes = contextLength(kdf);
  labeledExpand(
    kdf,
    exporter,
    hashLength(kdf),
    suite,
    SUITE_LENGTH,
    secret,
    labelExp,
    3,
    keyScheduleContext,
    contextBytes,
  );
  return labeledExpand(
    kdf,
    dst,
    length,
    suite,
    SUITE_LENGTH,
    exporter,
    labelSec,
    3,
    exporterContext,
    exporterContextLength,
  );
}

// Receivers whose secrets are held at a time.
const CHUNK: u32 = 64;

let faultIndex: u32 = 0;

/** After STATUS_PUBLIC_KEY: the index of the first public key that is not usable. */
export function hpkeFaultIndex(): u32 {
  return faultIndex;
}

/**
 * SealBase to `count` public keys with the same info and no AAD. Ephemeral keys come from `seed`, 32 fresh random bytes
 * of the caller for each call. A plaintext stride of 0 stands for one plaintext for all. Ciphertexts have
 * plaintextLength + 16 bytes. STATUS_PUBLIC_KEY when a key is not usable (`hpkeFaultIndex`): nothing written counts then.
 */
export function hpkeSealMany(
  kem: i32,
  kdf: i32,
  aead: i32,
  count: u32,
  publicKeys: usize,
  keyStride: usize,
  info: usize,
  infoLength: usize,
  plaintexts: usize,
  plaintextStride: usize,
  plaintextLength: usize,
  seed: usize,
  dstEnc: usize,
  encStride: usize,
  dstCiphertext: usize,
  ciphertextStride: usize,
): i32 {
  let status = beginSuite(kem, kdf, aead, info, infoLength);
  if (status < 0) return status;
  const mark = scratchMark();
  const room = <usize>min(count, CHUNK);
  const keyLength = aeadKeyLength(aead);
  const sharedLength = kemSecretLength(kem);
  const shared = scratch(room * sharedLength);
  const secrets = scratch(room * hashLength(kdf));
  const keys = scratch(room * keyLength);
  const nonces = scratch(room * NONCE);
  for (let done: u32 = 0; done < count && status == STATUS_OK; done += CHUNK) {
    const many = min(count - done, CHUNK);
    const from = publicKeys + <usize>done * keyStride;
    status = kemEncapMany(kem, many, shared, dstEnc + <usize>done * encStride, encStride, from, keyStride, seed, done);
    if (status < 0) {
      faultIndex = done + kemFaultIndex();
      break;
    }
    scheduleSecrets(kdf, <usize>many, secrets, shared, sharedLength);
    scheduleKeys(kdf, aead, <usize>many, keys, nonces, secrets);
    for (let i: usize = 0; i < <usize>many; i++) {
      const at = <usize>done + i;
      aeadSeal(
        aead,
        dstCiphertext + at * ciphertextStride,
        keys + i * keyLength,
        nonces + i * NONCE,
        0,
        0,
        plaintexts + at * plaintextStride,
        plaintextLength,
      );
    }
    countOperations(COUNT_SEAL, many);
  }
  scratchRelease(mark);
  return status;
}

// The schedule secret of a receiver, in scratch of the caller; STATUS_DECRYPT when `enc` is not usable.
function receiverSecret(kem: i32, kdf: i32, dst: usize, privateKey: usize, publicKey: usize, enc: usize): i32 {
  const shared = scratch(kemSecretLength(kem));
  if (kemDecap(kem, shared, privateKey, publicKey, enc) != STATUS_OK) return STATUS_DECRYPT;
  scheduleSecrets(kdf, 1, dst, shared, kemSecretLength(kem));
  return STATUS_OK;
}

/**
 * OpenBase: decrypts `length` bytes, tag included, and writes length - 16. `enc` has kemPublicKeyLength bytes.
 * STATUS_DECRYPT on any failure; `dst` is then as it was.
 */
export function hpkeOpen(
  kem: i32,
  kdf: i32,
  aead: i32,
  dst: usize,
  privateKey: usize,
  publicKey: usize,
  enc: usize,
  info: usize,
  infoLength: usize,
  aad: usize,
  aadLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  let status = beginSuite(kem, kdf, aead, info, infoLength);
  if (status < 0) return status;
  countOperations(COUNT_OPEN, 1);
  if (length < TAG) return STATUS_DECRYPT;
  const mark = scratchMark();
  const secret = scratch(hashLength(kdf));
  const key = scratch(aeadKeyLength(aead));
  const nonce = scratch(NONCE);
  status = receiverSecret(kem, kdf, secret, privateKey, publicKey, enc);
  if (status == STATUS_OK) {
    scheduleKeys(kdf, aead, 1, key, nonce, secret);
    status = aeadOpen(aead, dst, key, nonce, aad, aadLength, ciphertext, length);
  }
  scratchRelease(mark);
  return status;
}

/**
 * SendExportBase (section 6.2): writes the encapsulation to `dstEnc` and Export(exporterContext, length) to `dst`.
 * STATUS_PUBLIC_KEY when the public key is not usable.
 */
export function hpkeExportSend(
  kem: i32,
  kdf: i32,
  aead: i32,
  dst: usize,
  length: usize,
  dstEnc: usize,
  publicKey: usize,
  info: usize,
  infoLength: usize,
  exporterContext: usize,
  exporterContextLength: usize,
  seed: usize,
): i32 {
  let status = beginSuite(kem, kdf, aead, info, infoLength);
  if (status < 0) return status;
  const mark = scratchMark();
  const shared = scratch(kemSecretLength(kem));
  const secret = scratch(hashLength(kdf));
  status = kemEncapMany(kem, 1, shared, dstEnc, 0, publicKey, 0, seed, 0);
  if (status == STATUS_OK) {
    scheduleSecrets(kdf, 1, secret, shared, kemSecretLength(kem));
    status = exportFrom(kdf, dst, length, secret, exporterContext, exporterContextLength);
  } else {
    faultIndex = 0;
  }
  scratchRelease(mark);
  return status;
}

/** ReceiveExportBase: writes Export(exporterContext, length); STATUS_DECRYPT when `enc` is not usable. */
export function hpkeExportReceive(
  kem: i32,
  kdf: i32,
  aead: i32,
  dst: usize,
  length: usize,
  privateKey: usize,
  publicKey: usize,
  enc: usize,
  info: usize,
  infoLength: usize,
  exporterContext: usize,
  exporterContextLength: usize,
): i32 {
  let status = beginSuite(kem, kdf, aead, info, infoLength);
  if (status < 0) return status;
  const mark = scratchMark();
  const secret = scratch(hashLength(kdf));
  status = receiverSecret(kem, kdf, secret, privateKey, publicKey, enc);
  if (status == STATUS_OK) status = exportFrom(kdf, dst, length, secret, exporterContext, exporterContextLength);
  scratchRelease(mark);
  return status;
}
