import { StateError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { ok } from "./failure.ts";

// The backstop for secrets that nobody wiped: when the object is collected, so is the slot.
const abandoned = new FinalizationRegistry<{ engine: Engine; handle: number }>(({ engine, handle }) => {
  if (!engine.poisoned) engine.core.secretRelease(handle);
});

/**
 * A secret that stays in the core: this object holds its handle, never its bytes.
 *
 * {@link wipe} erases it; a wiped secret throws `ERR_STATE_USED` on every use. Printing it, also as
 * JSON, shows a placeholder (MLS-2-01).
 */
export class Secret {
  readonly #engine: Engine;
  readonly #length: number;
  #handle: number;

  private constructor(engine: Engine, handle: number) {
    this.#engine = engine;
    this.#handle = handle;
    this.#length = ok(engine.core.secretLength(handle));
    abandoned.register(this, { engine, handle }, this);
  }

  /** Copies bytes into the core. Wiping the bytes given is the caller's part. */
  static import(engine: Engine, bytes: Uint8Array): Secret {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a secret is made of bytes");
    return engine.frame((core, frame) => new Secret(engine, ok(core.secretImport(frame.put(bytes), bytes.length))));
  }

  /** Takes over a handle that an export of the core returned; a negative one throws what it stands for. */
  static adopt(engine: Engine, handle: number): Secret {
    return new Secret(engine, ok(handle));
  }

  /** A secret of `length` zero bytes, for an export of the core to fill at {@link address}. */
  static blank(engine: Engine, length: number): Secret {
    return Secret.adopt(engine, engine.core.secretNew(length));
  }

  /** The engine whose memory holds the bytes. */
  get engine(): Engine {
    return this.#engine;
  }

  /** The handle, for exports of the core. */
  get handle(): number {
    if (this.#handle === 0) throw new StateError("ERR_STATE_USED", "this secret has been wiped");
    return this.#handle;
  }

  /** The address of the bytes in the core, for its exports alone; not to be kept, not to be read. */
  get address(): number {
    return this.#engine.core.secretAt(this.handle) >>> 0;
  }

  /** Length in bytes. */
  get length(): number {
    return this.#length;
  }

  /** True once {@link wipe} was called. */
  get wiped(): boolean {
    return this.#handle === 0;
  }

  /** A copy of the bytes; only for values that RFC 9420 hands to the application. */
  export(): Uint8Array<ArrayBuffer> {
    const { handle, length } = this;
    return this.#engine.frame((core, frame) => {
      const at = frame.take(length);
      ok(core.secretExport(handle, at));
      return this.#engine.copyOut(at, length);
    });
  }

  /** A second secret with the same bytes, to be wiped for itself. */
  copy(): Secret {
    return Secret.adopt(this.#engine, this.#engine.core.secretCopy(this.handle));
  }

  /** Whether two secrets of one engine are equal, in constant time. */
  equals(other: Secret): boolean {
    if (other.#engine !== this.#engine) throw new TypeError("the secrets live in different engines");
    return ok(this.#engine.core.secretEqual(this.handle, other.handle)) === 1;
  }

  /** Erases the secret. Erasing twice is allowed. */
  wipe(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    abandoned.unregister(this);
    if (!this.#engine.poisoned) ok(this.#engine.core.secretRelease(handle));
  }

  [Symbol.dispose](): void {
    this.wipe();
  }

  toString(): string {
    return `Secret(${this.#length} bytes)`;
  }

  toJSON(): string {
    return this.toString();
  }

  static {
    // What Node prints for `console.log(secret)`.
    Object.defineProperty(this.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: this.prototype.toString });
  }
}
