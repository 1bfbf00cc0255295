// A party in a page of a headless Chromium.
import { setTimeout as after } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/places.mjs";
import { type Server, serveRepository } from "../browser/server.ts";
import type { CallName, Party, Reply, Request } from "../scenario/protocol.ts";
import { root } from "./build.ts";
import { decodeLine, encodeLine, type ReplyLine } from "./wire.ts";

/** What the page is to load: a module with the implementation, and that implementation's version. */
export interface PageProgram {
  /** Path of the page below the repository's root. */
  readonly page: string;
  readonly module: string;
  readonly version: string;
}

/** Opens its page when it is first asked, and again after it had to be closed. */
export class PageParty implements Party {
  readonly #program: PageProgram;
  readonly #limit: number;
  readonly #executable: string;
  #open: { readonly browser: Browser; readonly server: Server; readonly page: Page } | undefined;

  /** `limit`: milliseconds that one call may take. Throws where no Chromium is installed. */
  constructor(program: PageProgram, limit = Infinity) {
    const executable = findChromium();
    if (executable === undefined) throw new Error("no Chromium is installed (CHROMIUM_PATH may name one)");
    this.#program = program;
    this.#limit = limit;
    this.#executable = executable;
  }

  async ask<Name extends CallName>(call: Name, request: Request<Name>): Promise<Reply<Name>> {
    const { page } = (this.#open ??= await this.#start());
    const answering = page.evaluate((text) => globalThis.answerLine!(text), encodeLine({ call, request }));
    const answer = decodeLine(await this.#withinLimit(answering)) as ReplyLine;
    if ("error" in answer) throw new Error(answer.error);
    return answer.reply as Reply<Name>;
  }

  async end(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.browser.close();
    open?.server.close();
  }

  async #start(): Promise<{ browser: Browser; server: Server; page: Page }> {
    const server = await serveRepository(root);
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ];
    const browser = await chromium.launch({ executablePath: this.#executable, args });
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(server.origin + this.#program.page);
    await page.waitForFunction(() => globalThis.startImplementation !== undefined);
    const { version } = this.#program;
    const module = server.origin + this.#program.module;
    const runtime = `Chromium ${browser.version()}`;
    await page.evaluate((start) => globalThis.startImplementation!(...start), [module, version, runtime] as const);
    return { browser, server, page };
  }

  async #withinLimit(answering: Promise<string>): Promise<string> {
    if (!Number.isFinite(this.#limit)) return await answering;
    const timer = new AbortController();
    const over = after(this.#limit, undefined, { signal: timer.signal }).catch(() => undefined);
    const line = await Promise.race([answering, over]);
    timer.abort();
    if (line !== undefined) return line;
    answering.catch(() => undefined);
    await this.end();
    throw new Error(`over the limit of ${this.#limit / 1000} s`);
  }
}

/** Grove in a page. */
export function groveInPage(version: string): PageProgram {
  return { page: "/bench/browser/grove.html", module: "/dist/index.js", version };
}
