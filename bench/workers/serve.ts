// The other end: answers lines on standard input.
import { createInterface } from "node:readline";
import { type CallLine, decodeLine, encodeLine, type ReplyLine } from "./wire.ts";

/** Answers one call after the other until standard input ends. */
export async function serve(answer: (call: string, request: unknown) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const { call, request } = decodeLine(line) as CallLine;
    let reply: ReplyLine;
    try {
      reply = { reply: await answer(call, request) };
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(encodeLine(reply) + "\n");
  }
}
