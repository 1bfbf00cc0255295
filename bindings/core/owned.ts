import { StateError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { ok } from "./failure.ts";

/** The exports that free what a handle names. */
export type Release = "secretRelease" | "secretTreeRelease" | "writerRelease" | "readerRelease";

// The backstop for what nobody wiped: when the object is collected, so is the slot.
const abandoned = new FinalizationRegistry<{ engine: Engine; handle: number; release: Release }>((lost) => {
  if (!lost.engine.poisoned) lost.engine.core[lost.release](lost.handle);
});

/**
 * Something that lives in the core and is named here by a handle: a secret, a secret tree, a
 * record. {@link wipe} erases it; using it afterwards throws `ERR_STATE_USED`.
 */
export class Owned {
  readonly #engine: Engine;
  readonly #release: Release;
  #handle: number;

  protected constructor(engine: Engine, handle: number, release: Release) {
    this.#engine = engine;
    this.#handle = ok(handle);
    this.#release = release;
    abandoned.register(this, { engine, handle, release }, this);
  }

  /** The engine whose memory holds it. */
  get engine(): Engine {
    return this.#engine;
  }

  /** The handle, for exports of the core. */
  get handle(): number {
    if (this.#handle === 0) throw new StateError("ERR_STATE_USED", "this secret has been wiped or handed over");
    return this.#handle;
  }

  /** True once it was wiped or handed over. */
  get wiped(): boolean {
    return this.#handle === 0;
  }

  /** Gives the handle to an export of the core that takes what it names over; this object is used up. */
  handOver(): number {
    const { handle } = this;
    this.#handle = 0;
    abandoned.unregister(this);
    return handle;
  }

  /** Erases it in the core. Erasing twice is allowed. */
  wipe(): void {
    if (this.#handle === 0) return;
    const handle = this.handOver();
    if (!this.#engine.poisoned) ok(this.#engine.core[this.#release](handle));
  }

  [Symbol.dispose](): void {
    this.wipe();
  }
}

/**
 * What `use` makes of something that is wiped afterwards. As good as `using`, which would be compiled into helpers larger
 * than most files here.
 */
export function wiping<T extends Owned, R>(owned: T, use: (owned: T) => R): R {
  try {
    return use(owned);
  } finally {
    owned.wipe();
  }
}
