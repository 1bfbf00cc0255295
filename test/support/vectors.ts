// Finds the official test vectors: MLS_VECTORS_DIR, else ../shared/vectors beside the checkout,
// else the ignored cache that `npm run vectors:fetch` fills.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const places = [process.env["MLS_VECTORS_DIR"], `${root}../shared/vectors`, `${root}.cache/vectors`];
const directory = places.find((place) => place !== undefined && existsSync(place));

/** The parsed vector file (`"mls/tree-math.json"`), or undefined where the vectors are not at hand. */
export function loadVectors<T>(file: string): T | undefined {
  const path = directory === undefined ? undefined : `${directory}/${file}`;
  if (path !== undefined && existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as T;
  if (process.env["MLS_VECTORS_REQUIRED"] === "1") throw new Error(`missing test vectors: ${file}`);
  return undefined;
}
