// The rules of RFC 9420 section 10.1 on a key package, but for its leaf and its signatures.

import { equalBytes } from "../codec/equal.ts";
import { ValidationError } from "../errors.ts";
import type { KeyPackage } from "../message/keypackage.ts";

/** What a key package must fit. */
export interface KeyPackageExpectations {
  readonly version: number;
  readonly cipherSuite: number;
  /** Whether these bytes are a public key of the suite's KEM. */
  readonly isHpkeKey: (key: Uint8Array) => boolean;
}

function broken(rule: string, message: string, index: number): never {
  throw new ValidationError("ERR_KEY_PACKAGE", message, { rule, struct: "KeyPackage", index });
}

/** Throws `ERR_KEY_PACKAGE`; `index` is the key package's place in the list that it came in. MLS-10.1-05 */
export function checkKeyPackage(keyPackage: KeyPackage, expected: KeyPackageExpectations, index: number): void {
  if (keyPackage.version !== expected.version) {
    broken("MLS-10.1-01", `version ${keyPackage.version} instead of ${expected.version}`, index);
  }
  if (keyPackage.cipherSuite !== expected.cipherSuite) {
    broken("MLS-10.1-01", `cipher suite ${keyPackage.cipherSuite} instead of ${expected.cipherSuite}`, index);
  }
  if (!expected.isHpkeKey(keyPackage.initKey)) {
    broken("MLS-10-02", `an init_key of ${keyPackage.initKey.length} bytes that is none of the cipher suite`, index);
  }
  const { encryptionKey } = keyPackage.leafNode;
  if (equalBytes(encryptionKey, keyPackage.initKey)) {
    broken("MLS-10.1-04", "init_key and encryption_key are the same", index);
  }
}
