import type { Credential } from "../message/credential.ts";
import type { LeafNode } from "../message/leafnode.ts";
import { identityOf } from "../validate/credential.ts";

/** A member of a group, as its leaf presents it. */
export interface Member {
  /** Names the member within one epoch only (MLS-5.3.3-03). */
  readonly leafIndex: number;
  readonly credential: Credential;
  /** The identity of a basic credential, the end-entity certificate of an x509 one. */
  readonly identity: Uint8Array;
  readonly signatureKey: Uint8Array;
}

/** The member whose leaf this is. */
export function memberOf(leafIndex: number, leaf: LeafNode): Member {
  const credential = leaf.credential;
  return { leafIndex, credential, identity: identityOf(credential), signatureKey: leaf.signatureKey };
}

/** A member whose leaf a commit replaces. */
export interface MemberChange {
  readonly leafIndex: number;
  readonly before: Member;
  readonly after: Member;
}
