// Randomness that can be made to fail, for all calls or from one on.
import { systemRandom } from "../../bindings/crypto/random.ts";

/** See the head of the file. */
export class Source {
  /** Calls from now on that succeed; all of them unless set. */
  left = Infinity;
  /** Called before each call, once. */
  hook: (() => void) | undefined;

  readonly random = (length: number): Uint8Array => {
    const { hook } = this;
    this.hook = undefined;
    hook?.();
    if (this.left <= 0) throw new Error("no entropy");
    this.left--;
    return systemRandom(length);
  };

  /** Runs `use` with so many calls that succeed. */
  failing<T>(use: () => T, after = 0): T {
    this.left = after;
    try {
      return use();
    } finally {
      this.left = Infinity;
    }
  }
}
