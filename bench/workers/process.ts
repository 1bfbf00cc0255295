// A party in a process of its own, spoken to in lines on its standard input and output.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { decodeLine, encodeLine, type ReplyLine } from "./wire.ts";

/** How a process is started. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

interface Waiting {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts its process when it is first asked, and again after it had to be ended. */
export class ChildProcess {
  readonly #command: Command;
  readonly #limit: number;
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: Waiting | undefined;
  #complaints = "";

  /** `limit`: milliseconds that one call may take. */
  constructor(command: Command, limit = Infinity) {
    this.#command = command;
    this.#limit = limit;
  }

  /** Sends one call and waits for its reply. Throws when the other side refuses, dies, or takes too long. */
  async call(call: string, request: unknown): Promise<unknown> {
    const child = (this.#child ??= this.#start());
    const replied = new Promise<unknown>((resolve, reject) => (this.#waiting = { resolve, reject }));
    child.stdin.write(encodeLine({ call, request }) + "\n");
    const timer = Number.isFinite(this.#limit)
      ? setTimeout(() => this.#fail(`over the limit of ${this.#limit / 1000} s`), this.#limit)
      : undefined;
    try {
      return await replied;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process. */
  end(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn(this.#command.file, this.#command.args, { stdio: "pipe" });
    this.#complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", (line) => {
      if (this.#child === child) this.#receive(line);
    });
    child.on("error", (error) => this.#fail(error.message));
    child.on("exit", (code, signal) => {
      if (this.#child !== child) return;
      const last = this.#complaints.trim().split("\n").at(-1);
      this.#fail(`the process ended with ${signal === null ? `code ${code}` : signal}: ${last}`);
    });
    child.stdin.on("error", () => undefined);
    return child;
  }

  #receive(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const answer = decodeLine(line) as ReplyLine;
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.reply);
  }

  #fail(reason: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.end();
    waiting?.reject(new Error(reason));
  }
}
