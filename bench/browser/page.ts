// In a page: Grove answers the harness's calls, as lines, to whoever drives the page.
import { Answering } from "../implementations/answer.ts";
import { Grove, type GroveModule } from "../implementations/grove.ts";
import type { CallName, Request } from "../scenario/protocol.ts";
import { type CallLine, decodeLine, encodeLine, type ReplyLine } from "../workers/wire.ts";

declare global {
  /** Starts Grove in this page. */
  var startGrove: ((module: string, version: string, runtime: string) => Promise<void>) | undefined;
  /** Answers one line. */
  var answerLine: ((line: string) => Promise<string>) | undefined;
}

globalThis.startGrove = async (module, version, runtime) => {
  const grove = (await import(module)) as GroveModule;
  const party = new Answering(new Grove(grove, version, runtime));
  globalThis.answerLine = async (line) => {
    const { call, request } = decodeLine(line) as CallLine;
    let reply: ReplyLine;
    try {
      reply = { reply: await party.ask(call as CallName, request as Request<CallName>) };
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    return encodeLine(reply);
  };
};
