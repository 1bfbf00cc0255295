// What the harness asks of an implementation, in this process or another one. Bytes are as on the wire of
// RFC 9420, so that members of different implementations meet in one group.

/** Public-key operations and hash blocks of one call. */
export interface Operations {
  readonly verify: number;
  readonly sign: number;
  readonly seal: number;
  readonly open: number;
  readonly hash: number;
}

/** Who is measured, and on what. */
export interface Description {
  readonly implementation: string;
  /** Its version, and that of its cryptography where it is another package's. */
  readonly version: string;
  readonly runtime: string;
  readonly threads: number;
  /** How commits must reach it; "private" unless given. */
  readonly handshakes?: "public" | "private";
  /** Operations that it does not have, with the reason. */
  readonly lacks?: Readonly<Record<string, string>>;
}

/** What a call took; everything around the call itself (decoding, checks) is left out. */
export interface Timed {
  readonly milliseconds: number;
  /** Bytes that leave: commit and Welcome, message, saved state; 0 for the receiving side. */
  readonly bytes: number;
  /** Where the implementation counts them. */
  readonly operations: Operations | null;
}

/** What two members must agree on after every epoch. */
export interface Facts {
  readonly members: number;
  readonly epoch: number;
  /** MLS-Exporter("exporter", "", 32), which every implementation can tell. */
  readonly exported: Uint8Array;
}

/** A member to remove: some implementations take the leaf, others who it is. */
export interface Removal {
  readonly leafIndex: number;
  readonly identity: string;
}

/** The calls: what goes in, what comes back. A member is named; the implementation keeps its state. */
export interface Calls {
  /** Tells who answers. */
  hello: { request: Record<string, never>; reply: Description };
  /** Makes a client and a key package of it. */
  keyPackage: { request: { member: string }; reply: { keyPackage: Uint8Array } };
  /** Makes a client and its group, and adds all key packages in one commit without a path; the commit is timed. */
  addMany: {
    request: { member: string; keyPackages: readonly Uint8Array[] };
    reply: Timed & Facts & { commit: Uint8Array; welcome: Uint8Array };
  };
  /** Joins with the key package that the member has out. */
  join: { request: { member: string; welcome: Uint8Array }; reply: Timed & Facts };
  /** Makes a commit and enters its epoch. */
  commit: {
    request: {
      member: string;
      add: readonly Uint8Array[];
      remove: readonly Removal[];
      path: boolean;
      treeInWelcome: boolean;
    };
    reply: Timed & Facts & { commit: Uint8Array; welcome: Uint8Array | null };
  };
  /** Takes a commit of another member and enters its epoch. */
  process: { request: { member: string; commit: Uint8Array }; reply: Timed & Facts };
  /** Encrypts `count` messages of `length` bytes ({@link plaintext}); the time is that of one. */
  encrypt: { request: { member: string; count: number; length: number }; reply: Timed & { messages: Uint8Array[] } };
  /** Decrypts messages of one sender in their order; the time is that of one. */
  decrypt: {
    request: { member: string; messages: readonly Uint8Array[] };
    reply: Timed & { plaintexts: Uint8Array[] };
  };
  /** Saves the member's group. */
  save: { request: { member: string }; reply: Timed };
  /** Forgets the member's group and brings it back from what was saved last. */
  restore: { request: { member: string }; reply: Timed & Facts };
  /** Forgets a member. */
  close: { request: { member: string }; reply: Record<string, never> };
}

export type CallName = keyof Calls;
export type Request<Name extends CallName> = Calls[Name]["request"];
export type Reply<Name extends CallName> = Calls[Name]["reply"];

/** Somebody who answers calls: an implementation here, or behind a process or a page. */
export interface Party {
  ask<Name extends CallName>(call: Name, request: Request<Name>): Promise<Reply<Name>>;
}

/** The plaintext of message number `index`, so that both sides know it. */
export function plaintext(index: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + index) & 0xff);
}

/** True for the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
