// One operation at a time: callbacks of the application must not call back into what is calling them.

import { StateError } from "../errors.ts";

/** Whose turn it is in a group. */
export class Turn {
  #taken = false;

  /** Runs one operation; throws `ERR_STATE_BUSY` in the middle of another. */
  take<T>(operation: () => T): T {
    if (this.#taken) throw new StateError("ERR_STATE_BUSY", "the group is in the middle of another operation");
    this.#taken = true;
    try {
      return operation();
    } finally {
      this.#taken = false;
    }
  }
}
