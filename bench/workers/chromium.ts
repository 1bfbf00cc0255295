// A party in a page of a headless Chromium.
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/places.mjs";
import { type Server, serveRepository } from "../browser/server.ts";
import type { CallName, Party, Reply, Request } from "../scenario/protocol.ts";
import { decodeLine, encodeLine, type ReplyLine } from "./wire.ts";

/** Starts what a page shall answer with; runs in the page. */
export interface PageProgram {
  /** Path of the page below the repository's root. */
  readonly page: string;
  /** Calls the page's starter; `runtime` names the browser. */
  readonly start: (page: Page, runtime: string) => Promise<void>;
}

export class PageParty implements Party {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #page: Page;

  private constructor(browser: Browser, server: Server, page: Page) {
    this.#browser = browser;
    this.#server = server;
    this.#page = page;
  }

  /** Undefined where no Chromium is installed. */
  static async open(root: string, program: PageProgram): Promise<PageParty | undefined> {
    const executablePath = findChromium();
    if (executablePath === undefined) return undefined;
    const server = await serveRepository(root);
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const page = await browser.newPage();
    await page.goto(server.origin + program.page);
    await program.start(page, `Chromium ${browser.version()}`);
    return new PageParty(browser, server, page);
  }

  async ask<Name extends CallName>(call: Name, request: Request<Name>): Promise<Reply<Name>> {
    const line = await this.#page.evaluate((text) => globalThis.answerLine!(text), encodeLine({ call, request }));
    const answer = decodeLine(line) as ReplyLine;
    if ("error" in answer) throw new Error(answer.error);
    return answer.reply as Reply<Name>;
  }

  async end(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

/** Grove in a page. */
export function groveInPage(version: string): PageProgram {
  return {
    page: "/bench/browser/empty.html",
    start: async (page, runtime) => {
      await page.waitForFunction(() => globalThis.startGrove !== undefined);
      await page.evaluate(([module, ...rest]) => globalThis.startGrove!(module, ...rest), [
        "/dist/index.js",
        version,
        runtime,
      ] as const);
    },
  };
}
