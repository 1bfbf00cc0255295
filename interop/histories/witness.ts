// Makes the calls of a history and judges what comes of them: a difference that the peer's table explains is
// counted, any other one ends the history.

import type { CallName, CallRequest, CallResponse } from "../calls.ts";
import { type Difference, explanation, type Peer } from "./peer.ts";

/** A divergence that nothing explains. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
}

/** Who makes a call. */
export interface Caller {
  readonly name: string;
  readonly peer: Peer;
}

/** See the head of the file. */
export class Witness {
  /** How often each difference was met. */
  readonly met: Map<Difference, number> = new Map();
  /** The calls made, in words; the newest last. */
  readonly trace: string[] = [];
  calls = 0;

  /** Writes a line into the trace. */
  note(line: string): void {
    this.trace.push(line);
  }

  /** Makes a call that must succeed; undefined when the peer refuses it and that is explained. */
  async call<Name extends CallName>(
    { name: who, peer }: Caller,
    call: Name,
    request: CallRequest<Name>,
    tags: Iterable<string> = [],
  ): Promise<CallResponse<Name> | undefined> {
    const occasion = { call, tags: new Set(tags) };
    try {
      const response = await this.#send(peer, call, request);
      this.note(`${who} ${call} [${[...occasion.tags].join(" ")}]`);
      return response;
    } catch (error) {
      const text = textOf(error);
      this.note(`${who} ${call} [${[...occasion.tags].join(" ")}] refused: ${text}`);
      this.#explain(peer, occasion, text, `${who} refuses ${call}: ${text}`, error);
      return undefined;
    }
  }

  /** Makes a call that must be refused; false when the peer accepts it and that is explained. */
  async probe<Name extends CallName>(
    { name: who, peer }: Caller,
    call: Name,
    request: CallRequest<Name>,
    tags: Iterable<string>,
  ): Promise<boolean> {
    const occasion = { call, tags: new Set(tags) };
    const words = `${who} ${call} [${[...occasion.tags].join(" ")}]`;
    try {
      await this.#send(peer, call, request);
    } catch (error) {
      const text = textOf(error);
      // A peer that refuses such calls anyway has not shown that it knows the rule.
      const difference = explanation(peer, occasion, text);
      if (difference !== undefined) this.#count(difference);
      this.note(`${words} ${difference === undefined ? "rightly refused" : "refused as always"}: ${text}`);
      return true;
    }
    this.note(`${words} accepted`);
    this.#explain(peer, occasion, undefined, `${who} accepts ${call}: ${[...occasion.tags].join(" ")}`, undefined);
    return false;
  }

  /** Throws unless both are the same bytes. */
  same(what: string, actual: Uint8Array, expected: Uint8Array): void {
    if (Buffer.compare(actual, expected) === 0) return;
    throw new DivergenceError(`${what}: ${hex(actual)} instead of ${hex(expected)}`);
  }

  async #send<Name extends CallName>(peer: Peer, call: Name, request: CallRequest<Name>): Promise<CallResponse<Name>> {
    this.calls++;
    const send = peer.client[call] as (request: CallRequest<Name>) => Promise<CallResponse<Name>>;
    return send(request);
  }

  #explain(
    peer: Peer,
    occasion: Parameters<typeof explanation>[1],
    refusal: string | undefined,
    message: string,
    cause: unknown,
  ): void {
    const difference = explanation(peer, occasion, refusal);
    if (difference === undefined) throw new DivergenceError(message, { cause });
    this.#count(difference);
  }

  #count(difference: Difference): void {
    this.met.set(difference, (this.met.get(difference) ?? 0) + 1);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
