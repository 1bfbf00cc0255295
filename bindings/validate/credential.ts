import { equalBytes } from "../codec/equal.ts";
import { encodeWhole } from "../codec/writer.ts";
// Credentials (RFC 9420 section 5.3): what the library itself can check, and the questions that
// only the Authentication Service can answer.

import type { DecodeContext } from "../codec/context.ts";
import { ValidationError } from "../errors.ts";
import { certificateKey } from "../message/certificate.ts";
import { CredentialType, ExtensionType } from "../message/constants.ts";
import { type Credential, writeCredential } from "../message/credential.ts";
import { decodeExternalSenders, type Extension, findExtension } from "../message/extension.ts";
import type { LeafNode } from "../message/leafnode.ts";
import type { AuthenticationReason, AuthenticationRequest } from "../policy.ts";

/** Throws `ERR_CREDENTIAL` unless an x509 credential's own certificate holds the leaf's signature key. MLS-5.3-03 */
export function checkCredentialKey(credential: Credential, signatureKey: Uint8Array, leafIndex?: number): void {
  if (credential.kind !== "x509") return;
  const place = leafIndex === undefined ? {} : { leafIndex };
  const [own] = credential.certificates;
  if (own === undefined) {
    throw new ValidationError("ERR_CREDENTIAL", "an x509 credential without a certificate", {
      rule: "MLS-5.3-03",
      ...place,
    });
  }
  if (!equalBytes(certificateKey(own).publicKey, signatureKey)) {
    throw new ValidationError("ERR_CREDENTIAL", "the certificate holds another key than the leaf's signature_key", {
      rule: "MLS-5.3-03",
      ...place,
    });
  }
}

/** What presents a credential: a leaf, or an entry of `external_senders`. */
interface Presenter {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** A question that reads its leaf when it is looked at: there may be 100,000, and an application that does not look. */
class Question implements AuthenticationRequest {
  readonly reason: AuthenticationReason;
  readonly leafIndex: number | undefined;
  readonly previous: Credential | undefined;
  readonly #presenter: Presenter;

  constructor(
    reason: AuthenticationReason,
    presenter: Presenter,
    leafIndex: number | undefined,
    previous: Credential | undefined,
  ) {
    this.reason = reason;
    this.leafIndex = leafIndex;
    this.previous = previous;
    this.#presenter = presenter;
  }

  get credential(): Credential {
    return this.#presenter.credential;
  }

  get identity(): Uint8Array {
    return identityOf(this.credential);
  }

  get signatureKey(): Uint8Array {
    return this.#presenter.signatureKey;
  }
}

/** The question whether `leaf` belongs to who it says, after the checks that need no one's word. */
export function authenticationRequest(
  reason: AuthenticationReason,
  leaf: Presenter | LeafNode,
  leafIndex: number | undefined,
  previous: Credential | undefined,
): AuthenticationRequest {
  const mayHoldKey = !("credentialType" in leaf) || leaf.credentialType === CredentialType.x509;
  if (mayHoldKey) checkCredentialKey(leaf.credential, leaf.signatureKey, leafIndex);
  return new Question(reason, leaf, leafIndex, previous);
}

/** The questions that the entries of `external_senders` raise, wherever the list comes from. MLS-5.3.1-07 */
export function externalSenderRequests(
  extensions: readonly Extension[],
  context?: DecodeContext,
): AuthenticationRequest[] {
  const data = findExtension(extensions, ExtensionType.externalSenders);
  if (data === undefined) return [];
  return decodeExternalSenders(data, context).map((sender) =>
    authenticationRequest("external-sender", sender, undefined, undefined),
  );
}

/** Whether two credentials are the same, byte by byte. */
export function sameCredential(a: Credential, b: Credential): boolean {
  return equalBytes(encodeWhole(a, writeCredential), encodeWhole(b, writeCredential));
}

/** The bytes that name the holder: a basic identity, the end-entity certificate, or the custom body. */
export function identityOf(credential: Credential): Uint8Array {
  switch (credential.kind) {
    case "basic":
      return credential.identity;
    case "x509":
      return credential.certificates[0] ?? new Uint8Array(0);
    case "custom":
      return credential.data;
  }
}
