import { type MlsError, ValidationError } from "./errors.ts";
import type { Credential } from "./message/credential.ts";

/** Why the Authentication Service is asked about a credential (RFC 9420 section 5.3.1). */
export type AuthenticationReason =
  /** A key package that this client is about to add. MLS-5.3.1-02 */
  | "key-package"
  /** A member of a group that this client is about to join. MLS-5.3.1-03 */
  | "join"
  /** A newcomer in a received Add. MLS-5.3.1-04 */
  | "add"
  /** A member's new leaf in an Update. MLS-5.3.1-05 */
  | "update"
  /** A committer's new leaf, also of an external joiner. MLS-5.3.1-06 */
  | "commit"
  /** An entry of `external_senders`. MLS-5.3.1-07 */
  | "external-sender";

/** One question to the Authentication Service: does this credential belong to this key? */
export interface AuthenticationRequest {
  /** Why this is asked. */
  readonly reason: AuthenticationReason;
  /** What somebody says to be. */
  readonly credential: Credential;
  /** The identity of a basic credential, the end-entity certificate of an x509 one. */
  readonly identity: Uint8Array;
  /** The key that it is to stand for; 32 bytes for Ed25519. */
  readonly signatureKey: Uint8Array;
  /** The leaf that holds the credential, where it has one. */
  readonly leafIndex: number | undefined;
  /** On replacement: the credential whose successor this one claims to be. MLS-5.3.1-08 */
  readonly previous: Credential | undefined;
}

/**
 * `true` accepts, `false` refuses, `"defer"` stages the change with the question open:
 * `accept()` refuses until the application has resolved it.
 */
export type AuthenticationAnswer = boolean | "defer";

/** The Authentication Service's place in the library, for one question at a time. */
export type Authenticate = (request: AuthenticationRequest) => AuthenticationAnswer;

/** The same for many questions at once; answers stand in the order of the requests. MLS-5.3.1-09 */
export type AuthenticateMany = (requests: readonly AuthenticationRequest[]) => readonly AuthenticationAnswer[];

/**
 * Whether somebody who joins from outside may take the place of the member with the credential `previous`.
 * All members must give the same answer; whatever is not `true`, or to throw, refuses. MLS-12.4.3.2-08
 */
export type MayResync = (previous: Credential, joiner: Credential) => boolean;

/**
 * Accepts every credential: nobody's identity is checked. For tests and for applications that
 * authenticate members by other means; to be spelled out, never a default.
 */
export const acceptAnyCredential: Authenticate = () => true;

/** A question that the application answered with "defer". */
export class DeferredAuthentication {
  /** The question. */
  readonly request: AuthenticationRequest;
  #answer: boolean | undefined;

  constructor(request: AuthenticationRequest) {
    this.request = request;
  }

  /** What {@link resolve} was told, or undefined while the question is open. */
  get answer(): boolean | undefined {
    return this.#answer;
  }

  /** Answers the question; whatever is not `true` refuses. */
  resolve(accepted: boolean): void {
    this.#answer = (accepted as unknown) === true;
    dropAnswer(accepted);
  }
}

/** Puts questions to the application and turns refusals into errors that name the leaf. */
export class Authenticator {
  readonly #many: AuthenticateMany;

  constructor(one: Authenticate | undefined, many: AuthenticateMany | undefined) {
    if (many !== undefined) this.#many = many;
    else if (one !== undefined) this.#many = (requests) => requests.map((request) => one(request));
    else throw new TypeError("a client needs `authenticate`: the application's word on who holds which signature key");
  }

  /**
   * Asks about all of `requests`; returns those that are deferred. Throws `ERR_CREDENTIAL` for the
   * first refusal, or when the callback throws or answers anything else. MLS-5.3.1-01
   */
  ask(requests: readonly AuthenticationRequest[]): DeferredAuthentication[] {
    if (requests.length === 0) return [];
    let answers: readonly AuthenticationAnswer[];
    try {
      answers = this.#many(requests);
    } catch (cause) {
      throw new ValidationError("ERR_CREDENTIAL", "the authenticate callback threw", { rule: "MLS-5.3.1-01", cause });
    }
    const deferred: DeferredAuthentication[] = [];
    dropAnswer(answers);
    requests.forEach((request, index) => {
      const answer = answerAt(answers, index);
      if (answer === true) return;
      if (answer === "defer") {
        deferred.push(new DeferredAuthentication(request));
        return;
      }
      if (Array.isArray(answers)) answers.forEach(dropAnswer);
      throw refusal(request, index);
    });
    return deferred;
  }

  /**
   * Puts questions again that were left open when a change was stored, all at once. A refusal bars the change, not the
   * storage; a callback that throws leaves all of them open.
   */
  askAgain(requests: readonly AuthenticationRequest[]): DeferredAuthentication[] {
    let answers: readonly AuthenticationAnswer[] = [];
    try {
      if (requests.length > 0) answers = this.#many(requests);
    } catch {
      answers = requests.map(() => "defer" as const);
    }
    dropAnswer(answers);
    return requests.flatMap((request, index) => {
      const answer = answerAt(answers, index);
      dropAnswer(answer);
      if (answer === true) return [];
      const question = new DeferredAuthentication(request);
      if (answer !== "defer") question.resolve(false);
      return question;
    });
  }
}

// Whatever came back instead of a list answers nothing.
function answerAt(answers: unknown, index: number): unknown {
  return Array.isArray(answers) ? (answers as unknown[])[index] : undefined;
}

/**
 * Policy is asked synchronously. A promise in place of an answer is no answer, and that it fails later is nobody's
 * business: unhandled, it would end a process.
 */
export function dropAnswer(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => undefined);
}

function refusal(request: AuthenticationRequest, index: number): MlsError {
  const place = request.leafIndex === undefined ? {} : { leafIndex: request.leafIndex };
  return new ValidationError("ERR_CREDENTIAL", `the application refused a credential (${request.reason})`, {
    rule: "MLS-5.3.1-01",
    index,
    ...place,
  });
}
