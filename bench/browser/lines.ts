// In a page: a party answers calls, as lines, to whoever drives the page.
import type { CallName, Party, Request } from "../scenario/protocol.ts";
import { type CallLine, decodeLine, encodeLine, type ReplyLine } from "../workers/wire.ts";

declare global {
  /** Starts the implementation that this page is for. */
  var startImplementation: ((module: string, version: string, runtime: string) => Promise<void>) | undefined;
  /** Answers one line. */
  var answerLine: ((line: string) => Promise<string>) | undefined;
}

/** Lets `party` answer from now on. */
export function answerLines(party: Party): void {
  globalThis.answerLine = async (line) => {
    const { call, request } = decodeLine(line) as CallLine;
    let reply: ReplyLine;
    try {
      reply = { reply: await party.ask(call as CallName, request as Request<CallName>) };
    } catch (error) {
      reply = { error: describe(error) };
    }
    return encodeLine(reply);
  };
}

/** The message, with what bindings of other languages keep beside it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { inner } = error as { inner?: unknown };
  const details = JSON.stringify(inner, (_key, part: unknown) => (typeof part === "bigint" ? Number(part) : part));
  return inner === undefined ? error.message : `${error.message} ${details}`;
}
