// One run of a script: who plays whom, and what the steps so far have left.

import type { CallName, CallRequest, CallResponse } from "../calls.ts";
import type { InteropClient, ProposalDescription } from "../client.ts";
import type { Random } from "../histories/index.ts";
import { flag, number, type Parameters, records, ScriptError, text } from "./script.ts";

/** What steps make, by the names of the harness's transcript. */
export type MessageKey =
  | "group_id"
  | "key_package"
  | "group_info"
  | "ratchet_tree"
  | "proposal"
  | "commit"
  | "welcome"
  | "epoch_authenticator"
  | "authenticated_data"
  | "plaintext"
  | "ciphertext"
  | "psk_id"
  | "psk_secret";

/** A client that roles can be given to. */
export interface Player {
  readonly name: string;
  readonly client: InteropClient;
  readonly suites: ReadonlySet<number>;
}

export interface Casting {
  readonly cipherSuite: number;
  readonly encryptHandshake: boolean;
  readonly roles: ReadonlyMap<string, Player>;
  readonly random: Random;
}

/** See the head of the file. */
export class Stage {
  readonly encryptHandshake: boolean;
  readonly random: Random;
  /** External senders in the order in which they were added. */
  readonly signers: { readonly actor: string; readonly signerId: number }[] = [];
  cipherSuite: number;
  readonly #roles: ReadonlyMap<string, Player>;
  readonly #states = new Map<string, number>();
  readonly #transactions = new Map<string, number>();
  /** What an actor got last, a state or a transaction: it holds the PSKs. */
  readonly #holders = new Map<string, number>();
  readonly #messages: Partial<Record<MessageKey, Uint8Array>>[] = [];

  constructor({ cipherSuite, encryptHandshake, roles, random }: Casting) {
    this.cipherSuite = cipherSuite;
    this.encryptHandshake = encryptHandshake;
    this.random = random;
    this.#roles = roles;
  }

  /** Makes a call at the client that plays this actor. */
  async call<Name extends CallName>(
    actor: string,
    name: Name,
    request: CallRequest<Name>,
  ): Promise<CallResponse<Name>> {
    const player = this.#roles.get(actor);
    if (player === undefined) throw new ScriptError(`nobody plays ${actor}`);
    const call = player.client[name] as (request: CallRequest<Name>) => Promise<CallResponse<Name>>;
    try {
      return await call(request);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${name} by ${actor}: ${reason}`, { cause: error });
    }
  }

  state(actor: string): number {
    return wanted(this.#states.get(actor), `${actor} has no state`);
  }

  enter(actor: string, stateId: number): void {
    this.#states.set(actor, stateId);
    this.#holders.set(actor, stateId);
  }

  transaction(actor: string): number {
    return wanted(this.#transactions.get(actor), `${actor} has no key package out`);
  }

  await(actor: string, transactionId: number): void {
    this.#transactions.set(actor, transactionId);
    this.#holders.set(actor, transactionId);
  }

  holder(actor: string): number {
    return wanted(this.#holders.get(actor), `${actor} has neither a state nor a key package`);
  }

  /** Keeps what a step has made. */
  store(step: number, messages: Readonly<Partial<Record<MessageKey, Uint8Array>>>): void {
    this.#messages[step] = { ...this.#messages[step], ...messages };
  }

  /** What an earlier step has made. */
  message(step: number, key: MessageKey): Uint8Array {
    return wanted(this.#messages[step]?.[key], `step ${step} has made no ${key}`);
  }

  messages(steps: readonly number[], key: MessageKey): Uint8Array[] {
    return steps.map((step) => this.message(step, key));
  }

  identity(actor: string): Uint8Array {
    return new TextEncoder().encode(actor);
  }

  /** The group's name of the first step, or one that follows from it. */
  newGroupId(change: boolean): Uint8Array {
    const groupId = this.message(0, "group_id");
    return change ? Uint8Array.of(...groupId, 0x2b, 0x2b) : groupId;
  }

  /** Another suite that all players have. */
  changeCipherSuite(): void {
    const players = [...this.#roles.values()];
    const common = [...players[0]!.suites].filter((suite) => players.every(({ suites }) => suites.has(suite)));
    const others = common.filter((suite) => suite !== this.cipherSuite);
    if (others.length === 0) throw new ScriptError("there is no other suite that everybody has");
    this.cipherSuite = this.random.pick(others);
  }

  /** A proposal by value. */
  describe(parameters: Parameters): ProposalDescription {
    const proposalType = text(parameters, "proposaltype");
    switch (proposalType) {
      case "add":
        return { proposalType, keyPackage: this.message(number(parameters, "keypackage"), "key_package") };
      case "remove":
        return { proposalType, removedId: this.identity(text(parameters, "removed")) };
      case "externalPSK":
        return { proposalType, pskId: this.message(number(parameters, "pskid"), "psk_id") };
      case "resumptionPSK":
        return { proposalType, epochId: BigInt(number(parameters, "epochid")) };
      case "groupContextExtensions":
        return { proposalType, extensions: extensionsOf(parameters) };
      case "reinit":
        if (flag(parameters, "changeciphersuite")) this.changeCipherSuite();
        return {
          proposalType,
          extensions: extensionsOf(parameters),
          cipherSuite: this.cipherSuite,
          groupId: this.newGroupId(flag(parameters, "changegroupid")),
        };
      default:
        throw new ScriptError(`unknown proposal type: ${proposalType}`);
    }
  }

  /** Forgets the states of all actors. */
  async free(): Promise<void> {
    for (const [actor, stateId] of this.#states) await this.call(actor, "free", { stateId });
  }
}

export function extensionsOf(parameters: Parameters): { extensionType: number; extensionData: Uint8Array }[] {
  return records(parameters, "extensions").map((extension) => ({
    extensionType: number(extension, "extensiontype"),
    extensionData: Uint8Array.from(Buffer.from(text(extension, "extensiondata"), "base64")),
  }));
}

/** Throws unless this actor has come to the same epoch as the others. */
export function agree(actor: string, actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) !== 0) throw new Error(`${actor} has another epoch authenticator`);
}

function wanted<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new ScriptError(otherwise);
  return value;
}
