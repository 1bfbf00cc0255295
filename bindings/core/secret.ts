import type { Engine } from "./engine.ts";
import { ok } from "./failure.ts";
import { Owned } from "./owned.ts";

/**
 * A secret that stays in the core: this object holds its handle, never its bytes. Printing it,
 * also as JSON, shows a placeholder (MLS-2-01).
 */
export class Secret extends Owned {
  readonly #length: number;

  private constructor(engine: Engine, handle: number) {
    super(engine, handle, "secretRelease");
    this.#length = ok(engine.core.secretLength(handle));
  }

  /** Copies bytes into the core. Wiping the bytes given is the caller's part. */
  static import(engine: Engine, bytes: Uint8Array): Secret {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a secret is made of bytes");
    return engine.frame((core, frame) => new Secret(engine, core.secretImport(frame.put(bytes), bytes.length)));
  }

  /** Takes over a handle that an export of the core returned; a negative one throws what it stands for. */
  static adopt(engine: Engine, handle: number): Secret {
    return new Secret(engine, handle);
  }

  /** A secret of `length` zero bytes, for an export of the core to fill at {@link address}. */
  static blank(engine: Engine, length: number): Secret {
    return new Secret(engine, engine.core.secretNew(length));
  }

  /** The address of the bytes in the core, for its exports alone; not to be kept, not to be read. */
  get address(): number {
    return this.engine.core.secretAt(this.handle) >>> 0;
  }

  /** Length in bytes. */
  get length(): number {
    return this.#length;
  }

  /** A copy of the bytes; only for values that RFC 9420 hands to the application. */
  export(): Uint8Array<ArrayBuffer> {
    const { engine, handle, length } = this;
    return engine.frame((core, frame) => {
      const at = frame.take(length);
      ok(core.secretExport(handle, at));
      return engine.copyOut(at, length);
    });
  }

  /** A second secret with the same bytes, to be wiped for itself. */
  copy(): Secret {
    return new Secret(this.engine, this.engine.core.secretCopy(this.handle));
  }

  /** Whether two secrets of one engine are equal, in constant time. */
  equals(other: Secret): boolean {
    if (other.engine !== this.engine) throw new TypeError("the secrets live in different engines");
    return ok(this.engine.core.secretEqual(this.handle, other.handle)) === 1;
  }

  override toString(): string {
    return `Secret(${this.#length} bytes)`;
  }

  toJSON(): string {
    return this.toString();
  }

  static {
    // What Node prints for `console.log(secret)`.
    Object.defineProperty(this.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: Secret): string {
        return this.toString();
      },
    });
  }
}
