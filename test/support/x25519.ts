// Drives X25519 in the core.
import { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";
import { hex } from "./bytes.ts";

/** The engine of these helpers. */
export const engine: Engine = new Engine();

/** X25519(scalar, point), or the status when it refuses. */
export function x25519(scalar: Uint8Array, point: Uint8Array): Uint8Array | number {
  return engine.frame((core, frame) => {
    const dst = frame.take(32);
    const status = core.x25519(dst, frame.put(scalar), frame.put(point));
    return status === STATUS_OK ? engine.copyOut(dst, 32) : status;
  });
}

/** The public key of a private key. */
export function x25519Base(scalar: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(32);
    core.x25519Base(dst, frame.put(scalar));
    return engine.copyOut(dst, 32);
  });
}

/** All products of one batch, and how many were said to be zero. */
export function x25519Batch(
  scalars: readonly Uint8Array[],
  points: readonly Uint8Array[],
): { zeros: number; results: Uint8Array[] } {
  const join = (keys: readonly Uint8Array[]): Uint8Array => {
    const bytes = new Uint8Array(32 * keys.length);
    keys.forEach((key, i) => bytes.set(key, 32 * i));
    return bytes;
  };
  return engine.frame((core, frame) => {
    const count = points.length;
    const dst = frame.take(32 * count);
    const zeros = core.x25519Batch(dst, frame.put(join(scalars)), 32, frame.put(join(points)), 32, count);
    return { zeros, results: Array.from({ length: count }, (_, i) => engine.copyOut(dst + 32 * i, 32)) };
  });
}

/** The iteration of RFC 7748, section 5.2. */
export function iterate(times: number): Uint8Array {
  let k = hex("09" + "00".repeat(31)) as Uint8Array;
  let u = k;
  for (let i = 0; i < times; i++) {
    const result = x25519(k, u);
    if (typeof result === "number") throw new Error(`refused at iteration ${i}`);
    u = k;
    k = result;
  }
  return k;
}
