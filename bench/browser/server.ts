// Serves the repository to a page on this machine. The page is isolated from others, which is what gives
// it a clock of 5 microseconds instead of 100.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const folders = ["/bench/", "/dist/", "/node_modules/", "/.cache/bench/"];

export interface Server {
  readonly origin: string;
  close(): void;
}

/** Serves what pages of the benchmark need, below `root`, on the loopback interface; port 0 is any. */
export async function serveRepository(root: string, port = 0): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://bench").pathname));
    const type = types[extname(path)];
    if (type === undefined || !folders.some((folder) => path.startsWith(folder))) {
      response.writeHead(404).end();
      return;
    }
    readFile(root + path).then(
      (content) =>
        response
          .writeHead(200, {
            "content-type": type,
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-embedder-policy": "require-corp",
          })
          .end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${bound}`, close: () => server.close() };
}
