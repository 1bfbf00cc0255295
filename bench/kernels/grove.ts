// The kernels of Grove's core, one call each; and its batches, which is how groups use them.
import type { Engine } from "../../bindings/index.ts";
import { AEAD_AES128GCM, AEAD_CHACHA20POLY1305, KDF_SHA256 } from "../../bindings/core/generated/layout.ts";
import { inputs, type Kernel, type KernelSet, VALID } from "./kernel.ts";

const nothing = new Uint8Array(0);

/** One call of the core, frame and copies included. */
export function groveKernels(engine: Engine, version: string, signature: Uint8Array): KernelSet {
  const { privateKey, peer, message, prk, info, nonce } = inputs;
  const keyPair = keyPairOf(engine);
  const publicKey = keyPair.subarray(32);
  const sha256 = (data: Uint8Array): Kernel => {
    return () =>
      engine.frame((core, frame) => {
        const dst = frame.take(32);
        core.hash(KDF_SHA256, dst, frame.put(data), data.length);
        return engine.copyOut(dst, 32);
      });
  };
  const seal = (aead: number, key: Uint8Array, data: Uint8Array): Kernel => {
    return () =>
      engine.frame((core, frame) => {
        const dst = frame.take(data.length + 16);
        const keyAt = frame.put(key);
        const from = frame.put(data);
        core.aeadSeal(aead, dst, keyAt, frame.put(nonce), frame.put(nothing), 0, from, data.length);
        return engine.copyOut(dst, data.length + 16);
      });
  };
  return {
    implementation: "grove",
    version,
    batch: 1,
    kernels: {
      "x25519-public": () =>
        engine.frame((core, frame) => {
          const dst = frame.take(32);
          core.x25519Base(dst, frame.put(privateKey));
          return engine.copyOut(dst, 32);
        }),
      "x25519-shared": () =>
        engine.frame((core, frame) => {
          const dst = frame.take(32);
          core.x25519(dst, frame.put(privateKey), frame.put(peer));
          return engine.copyOut(dst, 32);
        }),
      "ed25519-sign": () =>
        engine.frame((core, frame) => {
          const dst = frame.take(64);
          core.ed25519Sign(dst, frame.put(keyPair), frame.put(message), message.length);
          return engine.copyOut(dst, 64);
        }),
      "ed25519-verify": () =>
        engine.frame((core, frame) => {
          const at = frame.put(message);
          return accepted(core.ed25519Verify(frame.put(publicKey), at, message.length, frame.put(signature)));
        }),
      "sha256-64": sha256(inputs.short),
      "sha256-1000": sha256(inputs.long),
      "hkdf-expand": () =>
        engine.frame((core, frame) => {
          const dst = frame.take(32);
          core.hkdfExpand(KDF_SHA256, dst, 32, frame.put(prk), prk.length, frame.put(info), info.length);
          return engine.copyOut(dst, 32);
        }),
      "aes128gcm-100": seal(AEAD_AES128GCM, inputs.key16, inputs.small),
      "aes128gcm-64k": seal(AEAD_AES128GCM, inputs.key16, inputs.large),
      "chacha20poly1305-100": seal(AEAD_CHACHA20POLY1305, inputs.key32, inputs.small),
      "chacha20poly1305-64k": seal(AEAD_CHACHA20POLY1305, inputs.key32, inputs.large),
    },
  };
}

/** Batches of equal items: the result is that of the last. */
export function groveBatches(engine: Engine, version: string, signature: Uint8Array, batch: number): KernelSet {
  const { privateKey, peer, message } = inputs;
  const repeat = (bytes: Uint8Array): Uint8Array => {
    const all = new Uint8Array(bytes.length * batch);
    for (let i = 0; i < batch; i++) all.set(bytes, i * bytes.length);
    return all;
  };
  const words = (value: (index: number) => number): Uint8Array =>
    new Uint8Array(Uint32Array.from({ length: batch }, (_, i) => value(i)).buffer);
  const hashes = (data: Uint8Array): Kernel => {
    const all = repeat(data);
    return () =>
      engine.frame((core, frame) => {
        const dst = frame.take(32 * batch);
        const from = frame.put(all);
        const messages = frame.put(words((i) => from + i * data.length));
        core.hashMany(KDF_SHA256, batch, dst, messages, frame.put(words(() => data.length)));
        return engine.copyOut(dst + 32 * (batch - 1), 32);
      });
  };
  const [privateKeys, peers, messages, signatures] = [privateKey, peer, message, signature].map(repeat);
  const publicKey = keyPairOf(engine).subarray(32);
  return {
    implementation: `grove, ${batch} at a time`,
    version,
    batch,
    kernels: {
      "x25519-public": () =>
        engine.frame((core, frame) => {
          const dst = frame.take(32 * batch);
          core.x25519BaseBatch(dst, frame.put(privateKeys!), 32, batch);
          return engine.copyOut(dst + 32 * (batch - 1), 32);
        }),
      "x25519-shared": () =>
        engine.frame((core, frame) => {
          const dst = frame.take(32 * batch);
          core.x25519Batch(dst, frame.put(privateKeys!), 32, frame.put(peers!), 32, batch);
          return engine.copyOut(dst + 32 * (batch - 1), 32);
        }),
      "ed25519-verify": () =>
        engine.frame((core, frame) => {
          const key = frame.put(publicKey);
          const [messagesAt, signaturesAt] = [frame.put(messages!), frame.put(signatures!)];
          const status = core.ed25519VerifyBatch(
            batch,
            frame.put(words(() => key)),
            frame.put(words((i) => messagesAt + i * message.length)),
            frame.put(words(() => message.length)),
            frame.put(words((i) => signaturesAt + i * 64)),
            frame.put(crypto.getRandomValues(new Uint8Array(32))),
            frame.take(4),
          );
          return accepted(status);
        }),
      "sha256-64": hashes(inputs.short),
      "sha256-1000": hashes(inputs.long),
    },
  };
}

/** The seed, then the public key. */
function keyPairOf(engine: Engine): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(64);
    core.ed25519KeyPair(dst, frame.put(inputs.seed));
    return engine.copyOut(dst, 64);
  });
}

function accepted(status: number): Uint8Array {
  if (status !== 0) throw new Error(`a valid signature was refused with ${status}`);
  return VALID;
}
