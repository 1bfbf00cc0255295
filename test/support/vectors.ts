// The public test vectors, in Node and in the browser alike. vitest.config.ts says where they are.
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    vectors: { directory: string | null; required: boolean };
  }
}

const { directory, required } = inject("vectors");

/** The parsed vector file (`"mls/tree-math.json"`), or undefined where the vectors are not at hand. */
export function loadVectors<T>(file: string): T | undefined {
  const text = directory === null ? undefined : read(file);
  if (text !== undefined) return JSON.parse(text) as T;
  if (required) throw new Error(`missing test vectors: ${file}`);
  return undefined;
}

function read(file: string): string | undefined {
  if (typeof XMLHttpRequest !== "undefined") {
    const request = new XMLHttpRequest();
    request.open("GET", `/test-vectors/${file}`, false);
    request.send();
    return request.status === 200 ? request.responseText : undefined;
  }
  const fs = process.getBuiltinModule("node:fs");
  const path = `${directory}/${file}`;
  return fs.existsSync(path) ? fs.readFileSync(path, "utf8") : undefined;
}
