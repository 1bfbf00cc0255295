import { InternalError } from "../errors.ts";
import type { CoreExports } from "./generated/exports.ts";
import { instantiateCore } from "./load.ts";
import { coreModule, coreModuleAsync } from "./module.ts";

/** @internal Memory of the core for the time of one operation; wiped and released when the frame ends. */
export interface Frame {
  /** Zeroed memory of the given length; returns its address. */
  take(lengthBytes: number): number;
  /** Copies `bytes` in, and `rest` behind them, and returns the address. */
  put(bytes: Uint8Array, rest?: Uint8Array): number;
}

/** @internal Bytes that the core writes itself, straight to where they are wanted. */
export interface CoreBytes {
  readonly length: number;
  /** Writes them to `address`; how many were written. */
  readonly write: (core: CoreExports, address: number) => number;
}

const nothing = new Uint8Array(0);

/**
 * Owns one instance of the core: its exports, its memory, and the frames that bring bytes in.
 *
 * TypeScript never holds a view of the memory across a call, because growth detaches it.
 * A trap is a fault of the core: the engine is then poisoned, its memory zero-filled, and every
 * later use throws `ERR_ENGINE_POISONED`.
 */
export class Engine {
  readonly #core: CoreExports;
  #poisoned = false;
  #bytes: Uint8Array<ArrayBuffer>;

  /**
   * An engine on the embedded module, or on `module` when the application hosts the file itself. Throws
   * `ERR_NO_WASM` where WebAssembly is missing or forbidden, `ERR_NO_SIMD` where it has no SIMD.
   */
  constructor(module: WebAssembly.Module = coreModule()) {
    this.#core = instantiateCore(module);
    this.#bytes = new Uint8Array(this.#core.memory.buffer);
  }

  /** The same, for pages whose browser refuses to compile on the main thread. */
  static async create(): Promise<Engine> {
    return new Engine(await coreModuleAsync());
  }

  /** @internal The core's exports. Throws `ERR_ENGINE_POISONED` after a trap. */
  get core(): CoreExports {
    if (this.#poisoned) {
      throw new InternalError(
        "ERR_ENGINE_POISONED",
        "the engine stopped after an internal fault; reload from the last snapshot",
      );
    }
    return this.#core;
  }

  /** True after a trap. */
  get poisoned(): boolean {
    return this.#poisoned;
  }

  /** @internal The present view of the core's memory; not to be kept across a call. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.buffer !== this.#core.memory.buffer) {
      this.#bytes = new Uint8Array(this.#core.memory.buffer);
    }
    return this.#bytes;
  }

  /** @internal The 32-bit little-endian word at `address`. */
  word(address: number): number {
    const bytes = this.bytes;
    return (
      (bytes[address]! | (bytes[address + 1]! << 8) | (bytes[address + 2]! << 16) | (bytes[address + 3]! << 24)) >>> 0
    );
  }

  /** @internal A copy of `length` bytes at `address`. */
  copyOut(address: number, length: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(address, address + length);
  }

  /**
   * @internal Runs `operation` with scratch memory that is wiped when it returns or throws. Whatever is
   * thrown that is not an {@link MlsError}, `TypeError` or `RangeError` of the caller is a trap:
   * it poisons the engine.
   */
  frame<T>(operation: (core: CoreExports, frame: Frame) => T): T {
    const core = this.core;
    const mark = core.scratchMark();
    const frame: Frame = {
      take: (lengthBytes) => core.scratch(lengthBytes) >>> 0,
      put: (bytes, rest = nothing) => {
        const address = core.scratch(bytes.length + rest.length) >>> 0;
        this.bytes.set(bytes, address);
        if (rest.length > 0) this.bytes.set(rest, address + bytes.length);
        return address;
      },
    };
    try {
      return operation(core, frame);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) this.#poison(error);
      throw error;
    } finally {
      if (!this.#poisoned) core.scratchRelease(mark);
    }
  }

  #poison(cause: unknown): never {
    this.#poisoned = true;
    this.bytes.fill(0);
    throw new InternalError("ERR_INTERNAL", "the core stopped unexpectedly", { cause });
  }
}

let shared: Engine | undefined;

/** The engine that everything shares unless it is given another; made on first use. */
export function defaultEngine(): Engine {
  return (shared ??= new Engine());
}
