// Naming PSKs in proposals of our own (RFC 9420 section 8.4).

import { requireBytes } from "../codec/argument.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import type { PreSharedKey } from "../message/proposals.ts";

/** A PSK by its name: one from `client.addPsk`, or the resumption PSK of an epoch. */
export type PskReference =
  | {
      /** The name of an external PSK. */
      readonly external: Uint8Array;
    }
  | {
      /** The PSK of an epoch that all members remember. */
      readonly resumption: {
        /** This group unless given. */
        readonly groupId?: Uint8Array;
        /** The epoch. */
        readonly epoch: bigint;
      };
    };

/** A PreSharedKey proposal with a fresh nonce of Nh bytes. MLS-8.4-03, MLS-12.1.4-03 */
export function pskProposal(
  reference: PskReference,
  ownGroupId: Uint8Array,
  hashLength: number,
  random: RandomSource,
): PreSharedKey {
  const pskNonce = randomBytes(random, hashLength);
  return { kind: "psk", psk: { ...named(reference, ownGroupId), pskNonce } };
}

type Named<T> = T extends PreSharedKeyID ? Omit<T, "pskNonce"> : never;

function named(reference: PskReference, ownGroupId: Uint8Array): Named<PreSharedKeyID> {
  if ("external" in reference) {
    requireBytes(reference.external, "the name of a PSK");
    return { kind: "external", pskId: Uint8Array.from(reference.external) };
  }
  const { groupId = ownGroupId, epoch } = reference.resumption;
  return { kind: "resumption", usage: "application", pskGroupId: Uint8Array.from(groupId), pskEpoch: epoch };
}
