/**
 * Ties the received bytes to a decoded object (DEF-16: signatures and hashes cover exactly these).
 * The property is not enumerable, so that a changed copy (`{ ...object, epoch }`) does not carry
 * the bytes of the original.
 */
export function withEncoded<T extends object>(object: T, encoded: Uint8Array): T & { readonly encoded: Uint8Array } {
  return Object.defineProperty(object, "encoded", { value: encoded }) as T & { readonly encoded: Uint8Array };
}
