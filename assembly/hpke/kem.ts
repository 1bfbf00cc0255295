// DHKEM (RFC 9180, section 4.1): what is common to all curves, and the one place that knows which
// curve a KEM has. A curve brings its lengths, private keys from key material, public keys and
// Diffie-Hellman for many keys at once.

import { copyBytes, isZero, store16be, store32be } from "../bytes";
import { x25519BaseBatch, x25519Batch } from "../curve/x25519";
import { hashLength } from "../hash/hash";
import { hkdfExpand } from "../hash/hkdf";
import { KDF_SHA256, KEM_X25519 } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_PUBLIC_KEY, STATUS_UNSUPPORTED } from "../status";
import { labeledExpandMany, labeledExtractMany } from "./labeled";

/** 1 when this build has the KEM, else 0. */
export function kemSupported(kem: i32): i32 {
  return kem == KEM_X25519 ? 1 : 0;
}

/**
 * The KEM with public keys of this length, 0 for none: the lengths of the cipher suites' KEMs all differ, so a tree,
 * which has keys of one length, needs no other note of its KEM.
 */
export function kemOfKeyLength(length: usize): i32 {
  return length == kemPublicKeyLength(KEM_X25519) ? KEM_X25519 : 0;
}

/** The KEM's own KDF. */
export function kemKdf(_kem: i32): i32 {
  return KDF_SHA256;
}

/** Nsecret: bytes of the shared secret. */
export function kemSecretLength(_kem: i32): usize {
  return 32;
}

/** Npk and Nenc: bytes of a public key, which are those of an encapsulation. */
export function kemPublicKeyLength(_kem: i32): usize {
  return 32;
}

/** Nsk: bytes of a private key. */
export function kemPrivateKeyLength(_kem: i32): usize {
  return 32;
}

// Ndh: bytes of a Diffie-Hellman result.
function dhLength(_kem: i32): usize {
  return 32;
}

// Public keys of `count` private keys, both dense.
function publicKeys(_kem: i32, dst: usize, privateKeys: usize, count: u32): void {
  x25519BaseBatch(dst, privateKeys, 32, count);
}

// Diffie-Hellman results, dense; the number of public keys that are not usable, whose results are zero.
function diffieHellman(
  _kem: i32,
  dst: usize,
  privateKeys: usize,
  privateStride: usize,
  publicKeys: usize,
  publicStride: usize,
  count: u32,
): i32 {
  return x25519Batch(dst, privateKeys, privateStride, publicKeys, publicStride, count);
}

// "KEM" and the KEM's number.
const suite: usize = memory.data<u8>([0x4b, 0x45, 0x4d, 0, 0]);
const SUITE_LENGTH: usize = 5;

// "eae_prk", "shared_secret", "dkp_prk", "sk"
const labelEaePrk: usize = memory.data<u8>([0x65, 0x61, 0x65, 0x5f, 0x70, 0x72, 0x6b]);
const labelSharedSecret: usize = memory.data<u8>([
  0x73, 0x68, 0x61, 0x72, 0x65, 0x64, 0x5f, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74,
]);
const labelDkpPrk: usize = memory.data<u8>([0x64, 0x6b, 0x70, 0x5f, 0x70, 0x72, 0x6b]);
const labelSk: usize = memory.data<u8>([0x73, 0x6b]);

/**
 * ExtractAndExpand(dh, enc | public key) for `count` receivers: shared secrets of kemSecretLength bytes, from results and
 * encapsulations that are dense and public keys at their stride.
 */
function extractAndExpand(
  kem: i32,
  count: usize,
  dst: usize,
  dh: usize,
  enc: usize,
  publicKeys: usize,
  keyStride: usize,
): void {
  const kdf = kemKdf(kem);
  const keyLength = kemPublicKeyLength(kem);
  const contextLength = 2 * keyLength;
  const length = kemSecretLength(kem);
  const mark = scratchMark();
  const prks = scratch(count * hashLength(kdf));
  const contexts = scratch(count * contextLength);
  for (let i: usize = 0; i < count; i++) {
    copyBytes(contexts + i * contextLength, enc + i * keyLength, keyLength);
    copyBytes(contexts + i * contextLength + keyLength, publicKeys + i * keyStride, keyLength);
  }
  store16be(suite + 3, <u32>kem);
  const n = dhLength(kem);
  labeledExtractMany(kdf, count, prks, suite, SUITE_LENGTH, 0, 0, 0, labelEaePrk, 7, dh, n, n);
  labeledExpandMany(
    kdf,
    count,
    dst,
    length,
    length,
    suite,
    SUITE_LENGTH,
    prks,
    labelSharedSecret,
    13,
    contexts,
    contextLength,
    contextLength,
  );
  scratchRelease(mark);
}

/** DeriveKeyPair (section 7.1.3). STATUS_UNSUPPORTED for an unknown KEM. */
export function kemDeriveKeyPair(kem: i32, dstPrivate: usize, dstPublic: usize, ikm: usize, ikmLength: usize): i32 {
  return kemDeriveKeyPairs(kem, dstPrivate, dstPublic, ikm, ikmLength, ikmLength, 1);
}

/** DeriveKeyPair of DHKEM(X25519, HKDF-SHA256). */
export function x25519DeriveKeyPair(dstPrivate: usize, dstPublic: usize, ikm: usize, ikmLength: usize): void {
  kemDeriveKeyPair(KEM_X25519, dstPrivate, dstPublic, ikm, ikmLength);
}

/** DeriveKeyPair for `count` key materials, one every `ikmStride` bytes; keys are written densely. */
export function kemDeriveKeyPairs(
  kem: i32,
  dstPrivate: usize,
  dstPublic: usize,
  ikm: usize,
  ikmLength: usize,
  ikmStride: usize,
  count: u32,
): i32 {
  if (!kemSupported(kem)) return STATUS_UNSUPPORTED;
  const kdf = kemKdf(kem);
  const length = kemPrivateKeyLength(kem);
  store16be(suite + 3, <u32>kem);
  const mark = scratchMark();
  const many = <usize>count;
  const prks = scratch(many * hashLength(kdf));
  labeledExtractMany(kdf, many, prks, suite, SUITE_LENGTH, 0, 0, 0, labelDkpPrk, 7, ikm, ikmStride, ikmLength);
  labeledExpandMany(kdf, many, dstPrivate, length, length, suite, SUITE_LENGTH, prks, labelSk, 2, 0, 0, 0);
  scratchRelease(mark);
  publicKeys(kem, dstPublic, dstPrivate, count);
  return STATUS_OK;
}

// Ephemeral key i is part of HKDF-Expand(seed, number of its block), a block being 64 keys.
const BLOCK: u32 = 64;
const number: usize = memory.data(4, 4);

function ephemeralKeys(kem: i32, dst: usize, seed: usize, first: u32, count: u32): void {
  const length = kemPrivateKeyLength(kem);
  for (let i: u32 = 0; i < count; i += BLOCK) {
    store32be(number, first + i);
    const blockLength = <usize>min(BLOCK, count - i) * length;
    hkdfExpand(KDF_SHA256, dst + <usize>i * length, blockLength, seed, SEED, number, 4);
  }
}

/** Bytes of a seed for ephemeral keys. */
export const SEED: usize = 32;

/**
 * Encap (section 4.1) to `count` public keys, with ephemeral keys made from `seed`; `first` is the number of the first
 * one, so that a seed may serve in several calls. Shared secrets are written densely, encapsulations at their stride.
 * Returns STATUS_OK, or STATUS_PUBLIC_KEY when a public key is not usable: `kemFaultIndex` tells which is the first.
 */
export function kemEncapMany(
  kem: i32,
  count: u32,
  dstSecrets: usize,
  dstEnc: usize,
  encStride: usize,
  keys: usize,
  keyStride: usize,
  seed: usize,
  first: u32,
): i32 {
  const keyLength = kemPublicKeyLength(kem);
  const privateLength = kemPrivateKeyLength(kem);
  const mark = scratchMark();
  const ephemeral = scratch(<usize>count * privateLength);
  const enc = scratch(<usize>count * keyLength);
  const dh = scratch(<usize>count * dhLength(kem));
  ephemeralKeys(kem, ephemeral, seed, first, count);
  publicKeys(kem, enc, ephemeral, count);
  let status = STATUS_OK;
  if (diffieHellman(kem, dh, ephemeral, privateLength, keys, keyStride, count) != 0) {
    faultIndex = firstZero(dh, dhLength(kem), count);
    status = STATUS_PUBLIC_KEY;
  } else {
    for (let i: usize = 0; i < <usize>count; i++) {
      copyBytes(dstEnc + i * encStride, enc + i * keyLength, keyLength);
    }
    extractAndExpand(kem, <usize>count, dstSecrets, dh, enc, keys, keyStride);
  }
  scratchRelease(mark);
  return status;
}

/** Decap: writes the shared secret of `enc`; STATUS_PUBLIC_KEY when `enc` is not usable. */
export function kemDecap(kem: i32, dst: usize, privateKey: usize, publicKey: usize, enc: usize): i32 {
  const mark = scratchMark();
  const dh = scratch(dhLength(kem));
  let status = STATUS_PUBLIC_KEY;
  if (diffieHellman(kem, dh, privateKey, 0, enc, 0, 1) == 0) {
    extractAndExpand(kem, 1, dst, dh, enc, publicKey, 0);
    status = STATUS_OK;
  }
  scratchRelease(mark);
  return status;
}

let faultIndex: u32 = 0;

function firstZero(dh: usize, length: usize, count: u32): u32 {
  let i: u32 = 0;
  while (i < count && !isZero(dh + <usize>i * length, length)) i++;
  return i;
}

/** After STATUS_PUBLIC_KEY of `kemEncapMany`: the index of the first public key that is not usable. */
export function kemFaultIndex(): u32 {
  return faultIndex;
}
