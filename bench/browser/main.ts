// `npm run bench:browser` serves bench/browser.html; with `--headless` it runs the page in a Chromium, prints
// what it shows, and with `--screenshot FILE` keeps a picture of it.
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { findChromium } from "../../scripts/places.mjs";
import { buildForPages, root } from "../workers/build.ts";
import { serveRepository } from "./server.ts";

const { values } = parseArgs({
  options: { headless: { type: "boolean", default: false }, screenshot: { type: "string" } },
});
await buildForPages(["browser/page"]);
const server = await serveRepository(root, values.headless ? 0 : 8420);
const page = `${server.origin}/bench/browser.html`;
if (values.headless) await runHeadless(page, values.screenshot);
else console.log(`${page} (end with Ctrl-C)`);

async function runHeadless(address: string, screenshot: string | undefined): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium is installed (CHROMIUM_PATH may name one)");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const tab = await browser.newPage({ viewport: { width: 1340, height: 900 } });
    tab.setDefaultTimeout(0);
    await tab.goto(address);
    await tab.getByRole("button").click();
    await tab.waitForFunction(() => globalThis.benchResults !== undefined);
    console.log(await tab.locator("#table").innerText());
    if (screenshot !== undefined) await tab.screenshot({ path: screenshot, fullPage: true });
  } finally {
    await browser.close();
    server.close();
  }
}
