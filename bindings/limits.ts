/**
 * Upper bounds on what a peer can make this client do. Every bound is checked before memory is
 * allocated and before any public-key operation.
 */
export interface Limits {
  /** Bytes of a PrivateMessage or PublicMessage that carries no commit, and of a KeyPackage. */
  readonly messageBytes: number;
  /** Bytes of a commit, Welcome, GroupInfo or ratchet tree. */
  readonly groupMessageBytes: number;
  /** Leaves of a ratchet tree, blank ones included. */
  readonly leaves: number;
  /** Proposals in one commit, and proposals cached in one epoch. */
  readonly proposals: number;
  /** Generations by which one message may advance a sender's ratchet (RFC 9420 section 15.3). */
  readonly forwardGenerations: number;
  /** Keys kept per ratchet for messages that have not arrived yet. */
  readonly skippedKeys: number;
  /** Past epochs whose messages can still be read. */
  readonly pastEpochs: number;
  /** Past epochs whose resumption PSK is kept (RFC 9420 section 8.6). */
  readonly resumptionEpochs: number;
  /** Received commits staged at the same time. */
  readonly stagedCommits: number;
  /** Longest lifetime accepted in a key package's leaf, in seconds; `undefined` for no bound (MLS-7.2-11). */
  readonly lifetimeSeconds: bigint | undefined;
  /** Seconds by which clocks may differ when a lifetime is checked (MLS-7.2-12). */
  readonly clockSkewSeconds: bigint;
}

/** The limits of a client that asks for no others. */
export const defaultLimits: Limits = {
  messageBytes: 1 << 20,
  groupMessageBytes: 64 << 20,
  leaves: 1 << 17,
  proposals: 1 << 17,
  forwardGenerations: 1000,
  skippedKeys: 32,
  pastEpochs: 4,
  resumptionEpochs: 32,
  stagedCommits: 8,
  lifetimeSeconds: undefined,
  clockSkewSeconds: 3600n,
};

/** The defaults with some of them replaced; throws RangeError for a value that makes no sense. */
export function limitsWith(changes?: Partial<Limits>): Limits {
  if (changes === undefined) return defaultLimits;
  const limits = { ...defaultLimits, ...changes };
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === "number" && (!Number.isSafeInteger(value) || value < 0)) {
      throw new RangeError(`limit ${name} must be a whole number, not ${value}`);
    }
  }
  return limits;
}
