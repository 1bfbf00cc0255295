// What the classes of trees share: the handle of something in the core, and what goes in and out with it.
import type { Engine, Frame } from "../core/engine.ts";
import type { CoreExports } from "../core/generated/exports.ts";
import { StateError } from "../errors.ts";
import { treeFailure } from "./failure.ts";

// The backstop for trees that nobody closed.
const abandoned = new FinalizationRegistry<{ engine: Engine; handle: number }>(({ engine, handle }) => {
  if (!engine.poisoned) engine.core.treeRelease(handle);
});

/** A handle on something in the core that has to be released. */
export abstract class TreeHandle {
  readonly engine: Engine;
  #handle: number;

  protected constructor(engine: Engine, handle: number) {
    this.engine = engine;
    this.#handle = handle;
    abandoned.register(this, { engine, handle }, this);
  }

  /** The handle, for exports of the core. */
  get handle(): number {
    if (this.#handle === 0) throw new StateError("ERR_STATE_CLOSED", "this tree has been closed");
    return this.#handle;
  }

  /** True once {@link close} was called, or the handle went to another object. */
  get closed(): boolean {
    return this.#handle === 0;
  }

  /** Wipes and releases it. Closing twice is allowed. */
  close(): void {
    if (this.#handle === 0) return;
    const handle = this.surrender();
    if (!this.engine.poisoned) this.engine.core.treeRelease(handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Gives the handle away: this object is closed then. */
  protected surrender(): number {
    const { handle } = this;
    this.#handle = 0;
    abandoned.unregister(this);
    return handle;
  }

  protected run(operation: (core: CoreExports, frame: Frame) => number): number {
    return this.engine.frame((core, frame) => checked(core, operation(core, frame)));
  }

  /** Runs an export that writes to `dst` and returns how many bytes. */
  protected bytes(capacity: number, operation: (core: CoreExports, dst: number, frame: Frame) => number): Uint8Array {
    return this.engine.frame((core, frame) => {
      const dst = frame.take(capacity);
      return this.engine.copyOut(dst, checked(core, operation(core, dst, frame)));
    });
  }
}

export function checked(core: CoreExports, code: number): number {
  if (code < 0) throw treeFailure(core, code);
  return code;
}

/** An index on its way into the core, where it is a u32. */
export function index(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`no index: ${value}`);
  return value;
}
