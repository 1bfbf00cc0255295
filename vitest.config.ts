// Two projects run the same files: Node, and a headless Chromium where one is installed.
// Files named *.node.test.ts need Node and run there alone.
import { createReadStream, existsSync, realpathSync } from "node:fs";
import { join, normalize } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import type { Plugin } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { findChromium, findVectors } from "./scripts/places.mjs";
import Summary from "./test/support/summary.ts";

const chromium = findChromium();
if (chromium === undefined && process.env["CHROMIUM_REQUIRED"] === "1") {
  throw new Error("CHROMIUM_REQUIRED=1, but no Chromium is installed (CHROMIUM_PATH may name one)");
}
const vectors = findVectors();
if (vectors === undefined) {
  console.log("test vectors: none found, their tests are skipped; `npm run vectors:fetch` brings them");
}

const shared = {
  testTimeout: 60_000,
  provide: { vectors: { directory: vectors ?? null, required: process.env["MLS_VECTORS_REQUIRED"] === "1" } },
};

/** Serves the vector files to the tests in the browser, under /test-vectors/. */
const serveVectors: Plugin = {
  name: "serve-vectors",
  configureServer(server) {
    server.middlewares.use("/test-vectors/", (request, response) => {
      const file = join(vectors ?? "", normalize(decodeURI(new URL(request.url ?? "/", "http://test").pathname)));
      if (vectors === undefined || !existsSync(file)) response.writeHead(404).end();
      else createReadStream(file).pipe(response.writeHead(200, { "content-type": "application/json" }));
    });
  },
};

const inNode: TestProjectInlineConfiguration = {
  test: { ...shared, name: "node", include: ["test/**/*.test.ts"] },
};

const inChromium: TestProjectInlineConfiguration = {
  plugins: [serveVectors],
  cacheDir: ".cache/vite",
  optimizeDeps: {
    include: [
      "@assemblyscript/loader",
      "ajv/dist/2020.js",
      "@noble/ciphers/aes.js",
      "@noble/ciphers/chacha.js",
      "@noble/curves/ed25519.js",
      "@noble/curves/nist.js",
      "@noble/curves/ed448.js",
      "@noble/hashes/hkdf.js",
      "@noble/hashes/hmac.js",
      "@noble/hashes/sha2.js",
      "fast-check",
    ],
  },
  // A linked node_modules lies outside the checkout.
  server: { fs: { allow: [".", realpathSync("node_modules")] } },
  test: {
    ...shared,
    name: "browser",
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.node.test.ts"],
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          ...(chromium !== undefined && { executablePath: chromium }),
          args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
          ],
        },
      }),
      instances: [{ browser: "chromium", name: "chromium" }],
    },
  },
};

export default defineConfig({
  test: {
    reporters: ["default", new Summary(chromium === undefined)],
    projects: chromium === undefined ? [inNode] : [inNode, inChromium],
  },
});
