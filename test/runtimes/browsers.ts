// Browsers, and the server that hands them the pages.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { findChromium, findFirefox } from "../../scripts/places.mjs";
import { tools } from "./place.ts";

/** A page is given this long for its result. */
const PATIENCE = 20_000;

export interface Browser {
  readonly version: string;
  /** What the page at this address leaves in `document.body.dataset.result`. */
  result(url: string): Promise<string>;
  close(): Promise<void>;
}

export async function openChromium(): Promise<Browser | undefined> {
  const executablePath = findChromium();
  if (executablePath === undefined) return undefined;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  return {
    version: browser.version(),
    result: async (url) => {
      const page = await browser.newPage();
      try {
        await page.goto(url);
        const body = page.locator("body[data-result]");
        return (await body.getAttribute("data-result", { timeout: PATIENCE })) ?? "";
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
}

/** The little of puppeteer that is used; it is no dependency of the repository's root. */
interface Puppeteer {
  launch(options: object): Promise<{
    version(): Promise<string>;
    newPage(): Promise<{
      goto(url: string): Promise<unknown>;
      waitForSelector(selector: string, options: object): Promise<unknown>;
      $eval(selector: string, read: (body: { dataset: Record<string, string> }) => string): Promise<string>;
      close(): Promise<void>;
    }>;
    close(): Promise<void>;
  }>;
}

/** Firefox, driven by WebDriver BiDi. */
export async function openFirefox(): Promise<Browser | undefined> {
  const executablePath = findFirefox();
  if (executablePath === undefined) return undefined;
  const file = createRequire(`${tools}package.json`).resolve("puppeteer-core");
  const { default: puppeteer } = (await import(pathToFileURL(file).href)) as { default: Puppeteer };
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  return {
    version: (await browser.version()).replace(/^firefox\//i, ""),
    result: async (url) => {
      const page = await browser.newPage();
      try {
        await page.goto(url);
        await page.waitForSelector("body[data-result]", { timeout: PATIENCE });
        return await page.$eval("body", ({ dataset }) => dataset["result"] ?? "");
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
}

const types: Record<string, string> = { ".html": "text/html", ".wasm": "application/wasm" };
const policies: Record<string, string> = {
  run: "",
  csp: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  nowasm: "default-src 'self'; script-src 'self'",
};

/**
 * Serves the files of a folder. `/run/SCRIPT` is a page with that script and nothing else, `/csp/SCRIPT` the same under
 * a policy that allows no code but the page's own and WebAssembly, `/nowasm/SCRIPT` under one without WebAssembly.
 */
export async function serve(folder: string): Promise<{ origin: string; close: () => void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://test");
    const [, first = "", script = ""] = /^\/(\w+)\/(.*)$/.exec(pathname) ?? [];
    const policy = policies[first];
    if (policy !== undefined) {
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        ...(policy !== "" && { "content-security-policy": policy }),
      });
      response.end(`<!doctype html><title>smoke</title><body><script type="module" src="/${script}"></script></body>`);
      return;
    }
    const file = join(folder, normalize(pathname));
    if (!existsSync(file) || extname(file) === "") response.writeHead(404).end();
    else
      createReadStream(file).pipe(
        response.writeHead(200, { "content-type": types[extname(file)] ?? "text/javascript" }),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
