// GREASE (RFC 9420 section 13.5): reserved values that keep receivers honest about ignoring what
// they do not know. Only senders use this list; receivers treat the values like any unknown one (MLS-13.5-06).

import { StateError } from "../errors.ts";

/** 0x0A0A, 0x1A1A, …, 0xEAEA (MLS-13.5-09). */
export const greaseValues: readonly number[] = Array.from({ length: 15 }, (_, i) => 0x0a0a + 0x1010 * i);

/** Whether a value is reserved for GREASE; what we list of them is no capability of ours (MLS-13.5-08). */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff) && value !== 0xfafa;
}

/** Throws `ERR_USAGE` for GREASE among extensions that we would give a GroupContext, where none may stand. MLS-13.5-04 */
export function requireNoGrease(extensions: readonly { readonly extensionType: number }[]): void {
  if (!extensions.some(({ extensionType }) => isGrease(extensionType))) return;
  throw new StateError("ERR_USAGE", "GREASE has no place among the extensions of a group", { rule: "MLS-13.5-04" });
}

/** Whether a list of our own capabilities has this value for what it means. */
export function isCapability(listed: readonly number[], value: number): boolean {
  return listed.includes(value) && !isGrease(value);
}

/** That so many draws of bytes in a row bring no value does not happen by chance. */
const DRAWS = 128;

/**
 * Picks `count` (at most 15) different GREASE values with the caller's randomness; `random(n)`
 * returns n random bytes.
 */
export function pickGrease(count: number, random: (length: number) => Uint8Array): number[] {
  if (!(Number.isInteger(count) && count >= 0 && count <= greaseValues.length)) {
    throw new RangeError(`there are ${greaseValues.length} GREASE values, not ${count}`);
  }
  const left = [...greaseValues];
  const picked: number[] = [];
  for (let draws = 0; picked.length < count; draws++) {
    if (draws === DRAWS) throw new StateError("ERR_RANDOM", "the source of randomness repeats itself");
    // As many bytes at a time as there are values wanting: the system's generator takes long for a call.
    for (const byte of random(count - picked.length)) {
      const fair = 256 - (256 % left.length);
      if (byte < fair) picked.push(...left.splice(byte % left.length, 1));
    }
  }
  return picked;
}
