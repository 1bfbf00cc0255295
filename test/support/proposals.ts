// Proposals as members and strangers may send them, right or wrong.
import type { Proposal } from "../../bindings/message/proposals.ts";
import { keyPackageIn, publicClient } from "./forge.ts";

export const remove = (removed: number): Proposal => ({ kind: "remove", removed });

export const add = (name: string): Proposal => ({
  kind: "add",
  keyPackage: keyPackageIn(publicClient(name).keyPackage()),
});

/** An external PSK, or with a usage a resumption PSK, with a nonce of `length` bytes. */
export const psk = (length: number, usage?: "reinit" | "branch"): Proposal => ({
  kind: "psk",
  psk:
    usage === undefined
      ? { kind: "external", pskId: Uint8Array.of(1), pskNonce: new Uint8Array(length) }
      : { kind: "resumption", usage, pskGroupId: Uint8Array.of(1), pskEpoch: 1n, pskNonce: new Uint8Array(length) },
});

export const reInit = {
  kind: "reInit",
  groupId: Uint8Array.of(9),
  version: 1,
  cipherSuite: 1,
  extensions: [],
} satisfies Proposal;

/** Takes all extensions of the group away. */
export const noExtensions: Proposal = { kind: "groupContextExtensions", extensions: [] };
