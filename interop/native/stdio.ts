// A program of interop/peers as an InteropClient: a child process that answers a line of JSON with a line of
// JSON, in order. interop/peers/protocol has the other half.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { type CallName, clientOf } from "../calls.ts";
import type { InteropClient } from "../client.ts";

/** Why a program has not answered a call. */
export class PeerError extends Error {
  override readonly name = "PeerError";
  /** Its library has no such operation, or said no, or was asked for nonsense; or the program has ended. */
  readonly kind: "unsupported" | "refused" | "misuse" | "ended";

  constructor(kind: PeerError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

type Reply = { answer: object } | { error: { kind: "unsupported" | "refused" | "misuse"; message: string } };

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How much of what a program writes to stderr is kept for the report of its end, in characters. */
const stderrKept = 8192;

/** Starts a program; its members live as long as it runs. When it ends, so do all calls to it. */
export function stdioClient(program: string, args: readonly string[] = []): InteropClient {
  const connection = new Connection(program, args);
  return clientOf(
    (call, request) => connection.call(call, request),
    () => connection.close(),
  );
}

class Connection {
  readonly #program: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  readonly #exit: Promise<void>;
  #stderr = "";
  #ended: PeerError | undefined;

  constructor(program: string, args: readonly string[]) {
    this.#program = program;
    this.#child = spawn(program, args, { stdio: "pipe" });
    this.#child.stdin.on("error", () => undefined); // The end of the program reports it.
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#receive(line));
    this.#exit = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(this.#end(error.message)));
      this.#child.on("close", (code, signal) => resolve(this.#end(signal ?? `status ${code ?? "unknown"}`)));
    });
  }

  call(call: CallName, request: object): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ method: call, request }, encoded)}\n`);
    });
  }

  close(): Promise<void> {
    this.#child.stdin.end();
    return this.#exit;
  }

  #receive(line: string): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    const reply = JSON.parse(line, decoded) as Reply;
    if ("answer" in reply) waiting.resolve(reply.answer);
    else waiting.reject(new PeerError(reply.error.kind, reply.error.message));
  }

  #end(how: string): void {
    this.#ended = new PeerError("ended", `${this.#program} has ended (${how})\n${this.#stderr}`.trimEnd());
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}

/** Byte strings travel as hex, 64-bit integers as decimal strings. */
function encoded(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "bigint" ? value.toString() : value;
}

/** All text in answers is hex, but for names; errors have a kind and a message. */
function decoded(key: string, value: unknown): unknown {
  if (typeof value !== "string" || key === "name" || key === "kind" || key === "message") return value;
  return Uint8Array.from(Buffer.from(value, "hex"));
}
