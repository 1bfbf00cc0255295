// A client that joins by Welcome and follows commits: the passive-client vector files.
import { defaultContext } from "../../bindings/codec/context.ts";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { keyPackageRef } from "../../bindings/crypto/labels.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { signatureKeyPair } from "../../bindings/crypto/signature.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { Group } from "../../bindings/group.ts";
import { byCredential } from "../../bindings/group/lineage.ts";
import { joinByWelcome } from "../../bindings/group/join.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { decodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { acceptAnyCredential, Authenticator } from "../../bindings/policy.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { hex, toHex } from "./bytes.ts";

/** One case, as in the working group's description of the format. */
export interface PassiveCase {
  readonly cipher_suite: number;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly {
    readonly proposals: readonly string[];
    readonly commit: string;
    readonly epoch_authenticator: string;
  }[];
}

// One for all cases: Chromium has room for some 120 WebAssembly memories, and is slow to free them.
const engine = new Engine();

const SUITE_P521 = 5;
const P521_SCALAR_LENGTH = 66;

/** A private key of the vectors, which leave out the leading zero of a P-521 scalar. */
function scalar(suite: number, text: string): Uint8Array {
  const bytes = hex(text);
  if (suite !== SUITE_P521 || bytes.length >= P521_SCALAR_LENGTH) return bytes;
  const whole = new Uint8Array(P521_SCALAR_LENGTH);
  whole.set(bytes, P521_SCALAR_LENGTH - bytes.length);
  return whole;
}

/** Joins as the case says, without a look at lifetimes, which have ended. */
export function joinPassively(vector: PassiveCase): Group {
  const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
  const psks = new Map(vector.external_psks.map(({ psk_id, psk }) => [psk_id, Secret.import(engine, hex(psk))]));
  const decode = { ...defaultContext, engine };
  const message = decodeMLSMessage(hex(vector.key_package), decode);
  const welcome = decodeMLSMessage(hex(vector.welcome), decode);
  if (message.kind !== "keyPackage" || welcome.kind !== "welcome") throw new Error("the case is of another kind");
  const { keyPackage } = message;
  const reference = keyPackageRef(suite, keyPackage.encoded!);
  const entry = [...welcome.welcome.secrets].find(({ newMember }) => toHex(newMember) === toHex(reference));
  if (entry === undefined) throw new Error("the Welcome is for somebody else");
  const { state } = joinByWelcome({
    environment: {
      engine,
      limits: defaultLimits,
      decode,
      random: systemRandom,
      now: () => 0n,
      checkLifetime: false,
      authenticator: new Authenticator(acceptAnyCredential, undefined),
      padding: () => 0,
      handshakeFormat: "private",
      heldPsk: (id) => (id.kind === "external" ? psks.get(toHex(id.pskId)) : undefined),
      greaseExtensions: () => [],
      customProposals: new Map(),
      storageKey: undefined,
    },
    suite,
    welcome: welcome.welcome,
    entry,
    held: {
      keyPackage,
      reference,
      initKey: Secret.import(engine, scalar(suite.id, vector.init_priv)),
      encryptionKey: Secret.import(engine, scalar(suite.id, vector.encryption_priv)),
    },
    signatureKey: signatureKeyPair(suite, Secret.import(engine, scalar(suite.id, vector.signature_priv))),
    ratchetTree: vector.ratchet_tree === null ? undefined : hex(vector.ratchet_tree),
    isJoined: () => false,
    resumes: undefined,
    priorGroup: () => undefined,
    identityOf: byCredential,
  });
  return new Group(state, () => undefined);
}

/** Follows the epochs of a case; returns the epoch authenticators on the way, the first one included. */
export function* followPassively(vector: PassiveCase): Generator<string> {
  using group = joinPassively(vector);
  yield toHex(group.epochAuthenticator);
  for (const { proposals, commit } of vector.epochs) {
    for (const proposal of proposals) group.receive(hex(proposal));
    const received = group.receive(hex(commit));
    if (received.kind !== "commit") throw new Error(`a ${received.kind} where a commit was expected`);
    received.commit.accept();
    yield toHex(group.epochAuthenticator);
  }
}

/** What a case expects of {@link followPassively}. */
export function expectedAuthenticators(vector: PassiveCase): string[] {
  return [vector.initial_epoch_authenticator, ...vector.epochs.map(({ epoch_authenticator }) => epoch_authenticator)];
}
