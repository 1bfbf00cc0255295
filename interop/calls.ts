// The calls of an InteropClient as a list, for what passes them on: a server, a connection, a log.

import type { InteropClient } from "./client.ts";

/** The name of a call. */
export type CallName = Exclude<keyof InteropClient, "close">;
export type CallRequest<Name extends CallName> = Parameters<InteropClient[Name]>[0];
export type CallResponse<Name extends CallName> = Awaited<ReturnType<InteropClient[Name]>>;

/** The calls as plain functions: what an implementation that never waits is made of. */
export type Calls = { readonly [Name in CallName]: (request: CallRequest<Name>) => CallResponse<Name> };

const every: Record<CallName, true> = {
  name: true,
  supportedCiphersuites: true,
  createGroup: true,
  createKeyPackage: true,
  joinGroup: true,
  externalJoin: true,
  groupInfo: true,
  stateAuth: true,
  export: true,
  protect: true,
  unprotect: true,
  storePSK: true,
  addProposal: true,
  updateProposal: true,
  removeProposal: true,
  externalPSKProposal: true,
  resumptionPSKProposal: true,
  groupContextExtensionsProposal: true,
  commit: true,
  handleCommit: true,
  handlePendingCommit: true,
  reInitProposal: true,
  reInitCommit: true,
  handlePendingReInitCommit: true,
  handleReInitCommit: true,
  reInitWelcome: true,
  handleReInitWelcome: true,
  createBranch: true,
  handleBranch: true,
  newMemberAddProposal: true,
  createExternalSigner: true,
  addExternalSigner: true,
  externalSignerProposal: true,
  free: true,
};

/** All calls, in the order of the test service. */
export const callNames = Object.keys(every) as readonly CallName[];

/** A client whose every call goes through one function, by its name. */
export function clientOf(
  call: (name: CallName, request: object) => Promise<unknown>,
  close: () => Promise<void>,
): InteropClient {
  const methods = callNames.map((name) => [name, (request: object) => call(name, request)]);
  return Object.assign(Object.fromEntries(methods), { close }) as InteropClient;
}

/** A client of calls that never wait: what they throw, it rejects with. */
export function clientOfCalls(calls: Calls, close: () => void): InteropClient {
  const run = calls as Record<CallName, (request: object) => unknown>;
  return clientOf(
    (name, request) => new Promise((resolve) => resolve(run[name](request))),
    () => new Promise((resolve) => resolve(close())),
  );
}
