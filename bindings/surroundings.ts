import type { DecodeContext } from "./codec/context.ts";
import { defaultEngine, type Engine } from "./core/engine.ts";
import { Secret } from "./core/secret.ts";
import { systemRandom } from "./crypto/random.ts";
import { customProposalTypes } from "./group/custom.ts";
import type { Environment, ViewEnvironment } from "./group/environment.ts";
import { limitsWith } from "./limits.ts";
import type { ClientOptions } from "./options.ts";
import { Authenticator } from "./policy.ts";
import { sameCredential } from "./validate/credential.ts";

const PADDING_STEP = 32;

function defaultPadding(lengthBytes: number): number {
  return (PADDING_STEP - (lengthBytes % PADDING_STEP)) % PADDING_STEP;
}

/** The options that whoever looks at a group has in common. */
export type ViewOptions = Pick<
  ClientOptions,
  | "engine"
  | "limits"
  | "now"
  | "random"
  | "checkLifetime"
  | "customProposals"
  | "authenticate"
  | "authenticateMany"
  | "mayResync"
>;

/** What these options give to a group; `credentialTypes` are those of the application. */
export function viewEnvironmentOf(options: ViewOptions, credentialTypes?: readonly number[]): ViewEnvironment {
  const engine = options.engine ?? defaultEngine();
  const limits = limitsWith(options.limits);
  const customProposals = customProposalTypes(options.customProposals ?? []);
  const now = options.now ?? ((): number => Math.floor(Date.now() / 1000));
  registerCredentialTypes(engine, credentialTypes);
  const decode: DecodeContext = {
    limits,
    customProposalTypes: new Set(customProposals.keys()),
    customCredentialTypes: new Set(credentialTypes),
    engine,
  };
  return {
    engine,
    limits,
    decode,
    random: options.random ?? systemRandom,
    now: () => secondsOf(now()),
    checkLifetime: options.checkLifetime ?? true,
    customProposals,
    authenticator: new Authenticator(options.authenticate, options.authenticateMany),
    mayResync: options.mayResync ?? sameCredential,
  };
}

function secondsOf(time: number): bigint {
  if (!Number.isFinite(time)) throw new RangeError("`now` gives the seconds since 1970");
  return BigInt(Math.floor(time));
}

/** What the options of a client give to each of its groups; `own` is what the client itself must answer. */
export function environmentOf(
  options: ClientOptions,
  own: Pick<Environment, "heldPsk" | "greaseExtensions">,
): Environment {
  const view = viewEnvironmentOf(options, options.supports?.credentials);
  // What is spread stands last: to add properties behind it takes V8 a microsecond for each.
  return {
    padding: options.padding ?? defaultPadding,
    handshakeFormat: options.handshakeFormat ?? "private",
    storageKey: storageKeyOf(view.engine, options.storageKey),
    ...own,
    ...view,
  };
}

/** Tells the core's leaf parser of credential types; throws RangeError for more than one engine can know. */
function registerCredentialTypes(engine: Engine, types: readonly number[] = []): void {
  for (const type of types) {
    if (engine.core.credentialTypeRegister(type) < 0) throw new RangeError(`no room for credential type ${type}`);
  }
}

/** The key that a client's records are sealed under; throws RangeError unless it has 32 bytes. */
export function storageKeyOf(engine: Engine, bytes: Uint8Array | undefined): Secret | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length !== 32) throw new RangeError(`a storage key has 32 bytes, not ${bytes.length}`);
  return Secret.import(engine, bytes);
}
