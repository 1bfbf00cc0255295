import type { Credential } from "../message/credential.ts";
import type { LeafNode } from "../message/leafnode.ts";
import { identityOf } from "../validate/credential.ts";

/** A member of a group, as its leaf presents it. */
export interface Member {
  /** Names the member within one epoch only (MLS-5.3.3-03). */
  readonly leafIndex: number;
  /** What the member says to be; its Authentication Service has vouched for it. */
  readonly credential: Credential;
  /** The identity of a basic credential, the end-entity certificate of an x509 one. */
  readonly identity: Uint8Array;
  /**
   * The key that the credential stands for; 32 bytes for Ed25519, see {@link
   * CipherSuiteParameters.signatureKeyLength}.
   */
  readonly signatureKey: Uint8Array;
}

/** The member whose leaf this is. */
export function memberOf(leafIndex: number, leaf: LeafNode): Member {
  const credential = leaf.credential;
  return { leafIndex, credential, identity: identityOf(credential), signatureKey: leaf.signatureKey };
}

/** A member whose leaf a commit replaces. */
export interface MemberChange {
  /** The leaf, which stays the same. */
  readonly leafIndex: number;
  /** The member as it was. */
  readonly before: Member;
  /** The member as it will be. */
  readonly after: Member;
}
