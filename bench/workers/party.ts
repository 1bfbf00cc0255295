// A party behind a process.
import type { CallName, Party, Reply, Request } from "../scenario/protocol.ts";
import { ChildProcess, type Command } from "./process.ts";

export class ProcessParty implements Party {
  readonly #process: ChildProcess;

  constructor(command: Command, limit?: number) {
    this.#process = new ChildProcess(command, limit);
  }

  async ask<Name extends CallName>(call: Name, request: Request<Name>): Promise<Reply<Name>> {
    return (await this.#process.call(call, request)) as Reply<Name>;
  }

  end(): void {
    this.#process.end();
  }
}
