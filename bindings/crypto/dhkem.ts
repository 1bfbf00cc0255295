// HPKE in base mode (RFC 9180, sections 4.1, 5.1 and 6) for curves that a plug-in brings: the plug-in
// does the Diffie-Hellman, everything after it happens in the core's memory.
import type { Engine, Frame } from "../core/engine.ts";
import { ok } from "../core/failure.ts";
import type { CoreExports } from "../core/generated/exports.ts";
import { AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, KDF_SHA256, KDF_SHA384, KDF_SHA512 } from "../core/generated/layout.ts";
import { STATUS_OK } from "../core/generated/status.ts";
import type { Secret } from "../core/secret.ts";
import { labelBytes } from "./hash.ts";
import { randomBytes, type RandomSource } from "./random.ts";
import type { CipherSuite, KemGroup } from "./suite.ts";

// The KDF inside each KEM (RFC 9180, section 7.1), which need not be the suite's.
const kemKdfs: ReadonlyMap<number, number> = new Map([
  [0x0010, KDF_SHA256],
  [0x0011, KDF_SHA384],
  [0x0012, KDF_SHA512],
  [0x0021, KDF_SHA512],
]);

/** A range of the core's memory. */
interface Range {
  readonly at: number;
  readonly length: number;
}

/** LabeledExtract and LabeledExpand (section 4) under one suite_id, from and to the core's memory. */
class LabeledKdf {
  readonly #engine: Engine;
  readonly #core: CoreExports;
  readonly #frame: Frame;
  readonly #kdf: number;
  readonly #suiteId: Uint8Array;
  readonly hashLength: number;

  constructor(engine: Engine, core: CoreExports, frame: Frame, kdf: number, suiteId: Uint8Array) {
    this.#engine = engine;
    this.#core = core;
    this.#frame = frame;
    this.#kdf = kdf;
    this.#suiteId = suiteId;
    this.hashLength = core.hashLength(kdf);
  }

  extract(salt: Range, label: string, ikm: Range): Range {
    const labeled = this.#join([this.#prefix(label), ikm]);
    const to = this.#take(this.hashLength);
    this.#core.hkdfExtract(this.#kdf, to.at, salt.at, salt.length, labeled.at, labeled.length);
    return to;
  }

  expand(prk: Range, label: string, info: Range, to: Range): Range {
    const length = this.put(Uint8Array.of(to.length >> 8, to.length & 0xff));
    const labeled = this.#join([length, this.#prefix(label), info]);
    ok(this.#core.hkdfExpand(this.#kdf, to.at, to.length, prk.at, prk.length, labeled.at, labeled.length));
    return to;
  }

  put(bytes: Uint8Array): Range {
    return { at: this.#frame.put(bytes), length: bytes.length };
  }

  #take(length: number): Range {
    return { at: this.#frame.take(length), length };
  }

  /** Room for an expansion. */
  room(length: number): Range {
    return this.#take(length);
  }

  #prefix(label: string): Range {
    return this.#join([this.put(labelBytes("HPKE-v1")), this.put(this.#suiteId), this.put(labelBytes(label))]);
  }

  #join(parts: readonly Range[]): Range {
    const whole = this.#take(parts.reduce((sum, { length }) => sum + length, 0));
    let to = whole.at;
    for (const { at, length } of parts) {
      this.#engine.bytes.copyWithin(to, at, at + length);
      to += length;
    }
    return whole;
  }
}

const nothing: Range = { at: 0, length: 0 };

function suiteId(name: string, ...numbers: readonly number[]): Uint8Array {
  return Uint8Array.of(...labelBytes(name), ...numbers.flatMap((number) => [number >> 8, number & 0xff]));
}

/** A context of base mode: what is derived from the shared secret. */
class Context {
  readonly #kdf: LabeledKdf;
  readonly #secret: Range;
  readonly #scheduleContext: Range;

  constructor(suite: CipherSuite, core: CoreExports, frame: Frame, sharedSecret: Range, info: Uint8Array) {
    const { engine, kem, kdf, aead } = suite;
    this.#kdf = new LabeledKdf(engine, core, frame, kdf, suiteId("HPKE", kem, kdf, aead));
    const pskIdHash = this.#kdf.extract(nothing, "psk_id_hash", nothing);
    const infoHash = this.#kdf.extract(nothing, "info_hash", this.#kdf.put(info));
    const context = this.#kdf.room(1 + 2 * this.#kdf.hashLength);
    engine.bytes.copyWithin(context.at + 1, pskIdHash.at, pskIdHash.at + pskIdHash.length);
    engine.bytes.copyWithin(context.at + 1 + pskIdHash.length, infoHash.at, infoHash.at + infoHash.length);
    this.#scheduleContext = context;
    this.#secret = this.#kdf.extract(sharedSecret, "secret", nothing);
  }

  expand(label: "key" | "base_nonce" | "exp", length: number): Range {
    return this.#kdf.expand(this.#secret, label, this.#scheduleContext, this.#kdf.room(length));
  }

  /** Context.Export, written to `to`. */
  export(exporterContext: Uint8Array, to: Range): void {
    const exporterSecret = this.expand("exp", this.#kdf.hashLength);
    this.#kdf.expand(exporterSecret, "sec", this.#kdf.put(exporterContext), to);
  }
}

// The context that a Diffie-Hellman result, which is wiped, leads to.
function contextOf(
  suite: CipherSuite,
  core: CoreExports,
  frame: Frame,
  dh: Uint8Array,
  enc: Uint8Array,
  publicKey: Uint8Array,
  info: Uint8Array,
): Context {
  const kdf = new LabeledKdf(suite.engine, core, frame, kemKdfs.get(suite.kem) ?? 0, suiteId("KEM", suite.kem));
  const shared = kdf.put(dh);
  dh.fill(0);
  const prk = kdf.extract(nothing, "eae_prk", shared);
  const kemContext = kdf.put(Uint8Array.of(...enc, ...publicKey));
  return new Context(suite, core, frame, kdf.expand(prk, "shared_secret", kemContext, kdf.room(kdf.hashLength)), info);
}

function groupOf({ plugin }: CipherSuite): KemGroup {
  if (plugin === undefined) throw new TypeError("the suite's curve is in the core");
  return plugin.kem;
}

// Encap's ephemeral half: kem_output and the Diffie-Hellman result, `undefined` for an unusable key.
function ephemeral(
  suite: CipherSuite,
  publicKey: Uint8Array,
  random: RandomSource,
): { enc: Uint8Array; dh: Uint8Array } | undefined {
  const group = groupOf(suite);
  const ikm = randomBytes(random, suite.hashLength);
  let pair: ReturnType<KemGroup["deriveKeyPair"]> | undefined;
  try {
    pair = group.deriveKeyPair(ikm);
    const dh = group.dh(pair.privateKey, publicKey);
    return dh === undefined ? undefined : { enc: pair.publicKey, dh };
  } finally {
    ikm.fill(0);
    pair?.privateKey.fill(0);
  }
}

// Decap's Diffie-Hellman, with the private key lent to the plug-in.
function received(suite: CipherSuite, privateKey: Secret, enc: Uint8Array): Uint8Array | undefined {
  const group = groupOf(suite);
  if (!group.isPublicKey(enc)) return undefined;
  const bytes = privateKey.export();
  try {
    return group.dh(bytes, enc);
  } finally {
    bytes.fill(0);
  }
}

/** SealBase without AAD; `undefined` for an unusable key. */
export function dhkemEncrypt(
  suite: CipherSuite,
  publicKey: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  random: RandomSource,
): { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array } | undefined {
  const { engine, aead, aeadKeyLength } = suite;
  const half = ephemeral(suite, publicKey, random);
  if (half === undefined) return undefined;
  return engine.frame((core, frame) => {
    const context = contextOf(suite, core, frame, half.dh, half.enc, publicKey, info);
    const [key, nonce] = [context.expand("key", aeadKeyLength), context.expand("base_nonce", AEAD_NONCE_LENGTH)];
    const { length } = plaintext;
    const dst = frame.take(length + AEAD_TAG_LENGTH);
    ok(core.aeadSeal(aead, dst, key.at, nonce.at, 0, 0, frame.put(plaintext), length));
    return { kemOutput: half.enc, ciphertext: engine.copyOut(dst, length + AEAD_TAG_LENGTH) };
  });
}

/** OpenBase without AAD, to an address in the core; false on any failure. */
export function dhkemDecrypt(
  suite: CipherSuite,
  dst: number,
  privateKey: Secret,
  publicKey: Uint8Array,
  enc: Uint8Array,
  info: Uint8Array,
  ciphertext: Uint8Array,
): boolean {
  const { engine, aead, aeadKeyLength } = suite;
  const dh = received(suite, privateKey, enc);
  if (dh === undefined) return false;
  return engine.frame((core, frame) => {
    const context = contextOf(suite, core, frame, dh, enc, publicKey, info);
    const [key, nonce] = [context.expand("key", aeadKeyLength), context.expand("base_nonce", AEAD_NONCE_LENGTH)];
    const from = frame.put(ciphertext);
    return core.aeadOpen(aead, dst, key.at, nonce.at, 0, 0, from, ciphertext.length) === STATUS_OK;
  });
}

/** SendExportBase without info into a secret; the kem_output, `undefined` for an unusable key. */
export function dhkemExportSend(
  suite: CipherSuite,
  to: Secret,
  publicKey: Uint8Array,
  exporterContext: Uint8Array,
  random: RandomSource,
): Uint8Array | undefined {
  const half = ephemeral(suite, publicKey, random);
  if (half === undefined) return undefined;
  suite.engine.frame((core, frame) => {
    const context = contextOf(suite, core, frame, half.dh, half.enc, publicKey, new Uint8Array());
    context.export(exporterContext, { at: to.address, length: to.length });
  });
  return half.enc;
}

/** ReceiveExportBase without info into a secret; false when the kem_output is unusable. */
export function dhkemExportReceive(
  suite: CipherSuite,
  to: Secret,
  privateKey: Secret,
  publicKey: Uint8Array,
  enc: Uint8Array,
  exporterContext: Uint8Array,
): boolean {
  const dh = received(suite, privateKey, enc);
  if (dh === undefined) return false;
  suite.engine.frame((core, frame) => {
    const context = contextOf(suite, core, frame, dh, enc, publicKey, new Uint8Array());
    context.export(exporterContext, { at: to.address, length: to.length });
  });
  return true;
}
