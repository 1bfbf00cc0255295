// A member of a group, as the test service sees it: commits come together with the proposals that they
// need, and everyone is called by the identity of a basic credential.

import {
  type Client,
  type CommitOptions,
  type ExternalProposal,
  type Group,
  type HandshakeFormat,
  type Member as GroupMember,
  type PendingCommit,
} from "../../bindings/index.ts";
import type { CommitRequest, ProposalDescription } from "../client.ts";

/** The leaf of whoever has this identity. */
export function leafOf(members: readonly GroupMember[], identity: Uint8Array): number {
  const name = keyOf(identity);
  const found = members.find(({ credential }) => credential.kind === "basic" && keyOf(credential.identity) === name);
  if (found === undefined) throw new Error(`nobody in the group is called ${Buffer.from(identity).toString()}`);
  return found.leafIndex;
}

/** A proposal of the test service in the form of the public API; `members` are those of the group. */
export function proposalOf(description: ProposalDescription, members: () => readonly GroupMember[]): ExternalProposal {
  const { proposalType } = description;
  switch (proposalType) {
    case "add":
      return { add: given(description.keyPackage, proposalType) };
    case "remove":
      return { remove: leafOf(members(), given(description.removedId, proposalType)) };
    case "externalPSK":
      return { psk: { external: given(description.pskId, proposalType) } };
    case "resumptionPSK":
      return { psk: { resumption: { epoch: given(description.epochId, proposalType) } } };
    case "groupContextExtensions":
      return { extensions: given(description.extensions, proposalType) };
    case "reinit":
      return {
        reInit: {
          groupId: given(description.groupId, proposalType),
          cipherSuite: given(description.cipherSuite, proposalType),
          extensions: description.extensions ?? [],
        },
      };
    default:
      throw new Error(`no proposal type is called ${String(proposalType satisfies never)}`);
  }
}

/** One state of the test service. */
export class Member {
  readonly client: Client;
  readonly group: Group;
  readonly format: HandshakeFormat;
  /** Proposals of this epoch that the group knows already: received ones, and our own. */
  readonly #known = new Set<string>();

  constructor(client: Client, group: Group, encryptHandshake: boolean) {
    this.client = client;
    this.group = group;
    this.format = encryptHandshake ? "private" : "public";
  }

  propose(proposal: Parameters<Group["propose"]>[0]): Uint8Array {
    const message = this.group.propose(proposal, { format: this.format });
    this.#known.add(keyOf(message));
    return message;
  }

  /** Makes a commit of exactly what was asked for; refuses when a proposal by reference does not go with the others. */
  commit(request: CommitRequest): PendingCommit {
    const { group, format } = this;
    this.#receiveProposals(request.byReference);
    const pending = group.commit({
      ...this.#byValue(request.byValue),
      path: request.forcePath,
      treeInWelcome: !request.externalTree,
      format,
    });
    if (pending.included.length === request.byReference.length) return pending;
    pending.discard();
    const reasons = pending.dropped.map(({ reason, rule }) => `${reason} (${rule ?? "no rule"})`);
    throw new Error(
      `the commit takes ${pending.included.length} of ${request.byReference.length} proposals: ${reasons.join(", ")}`,
    );
  }

  acceptOwnCommit(): void {
    const { pendingCommit } = this.group;
    if (pendingCommit === undefined) throw new Error("no commit of this member waits");
    pendingCommit.accept();
    this.#known.clear();
  }

  handleCommit(proposals: readonly Uint8Array[], commit: Uint8Array): void {
    this.#receiveProposals(proposals);
    const received = this.group.receive(commit);
    if (received.kind !== "commit")
      throw new Error(`a message of kind ${received.kind} is no commit of another member`);
    received.commit.accept();
    this.#known.clear();
  }

  /** Forgets the group, and the client when that was all it was for. */
  free(): void {
    this.group.close();
    if (this.client.groups.length === 0 && this.client.unusedKeyPackages === 0) this.client.close();
  }

  #receiveProposals(messages: readonly Uint8Array[]): void {
    for (const message of messages) {
      const key = keyOf(message);
      if (this.#known.has(key)) continue;
      const { kind } = this.group.receive(message);
      if (kind !== "proposal") throw new Error(`a message of kind ${kind} is no proposal`);
      this.#known.add(key);
    }
  }

  #byValue(descriptions: readonly ProposalDescription[]): CommitOptions {
    const proposals = descriptions.map((description) => proposalOf(description, () => this.group.members()));
    const extensions = proposals.flatMap((proposal) => ("extensions" in proposal ? [proposal.extensions] : []));
    const reInits = proposals.flatMap((proposal) => ("reInit" in proposal ? [proposal.reInit] : []));
    if (extensions.length > 1 || reInits.length > 1) throw new Error("two proposals that can only stand once");
    return {
      add: proposals.flatMap((proposal) => ("add" in proposal ? [proposal.add] : [])),
      remove: proposals.flatMap((proposal) => ("remove" in proposal ? [proposal.remove] : [])),
      psks: proposals.flatMap((proposal) => ("psk" in proposal ? [proposal.psk] : [])),
      ...(extensions[0] && { extensions: extensions[0] }),
      ...(reInits[0] && { reInit: reInits[0] }),
    };
  }
}

function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function given<T>(value: T | undefined, proposalType: string): T {
  if (value === undefined) throw new Error(`a field of the ${proposalType} proposal is missing`);
  return value;
}
