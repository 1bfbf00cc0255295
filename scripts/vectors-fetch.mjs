// Fetches the public test vectors at their pinned commits into .cache/vectors. A file is kept
// only if its SHA-256 is the one in vectors.manifest.json; what is there already is not fetched again.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { vectorCache } from "./places.mjs";

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** @type {{ folder: string, repository: string, commit: string, path: string, files: Record<string, string> }[]} */
const manifest = JSON.parse(readFileSync(new URL("vectors.manifest.json", import.meta.url), "utf8"));
let fetched = 0;
let present = 0;
for (const { folder, repository, commit, path, files } of manifest) {
  mkdirSync(`${vectorCache}/${folder}`, { recursive: true });
  for (const [file, digest] of Object.entries(files)) {
    const place = `${vectorCache}/${folder}/${file}`;
    if (existsSync(place) && sha256(readFileSync(place)) === digest) {
      present++;
      continue;
    }
    const address = `https://raw.githubusercontent.com/${repository}/${commit}/${path}/${file}`;
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (sha256(bytes) !== digest) throw new Error(`${address}: SHA-256 is ${sha256(bytes)}, expected ${digest}`);
    // Renamed into place, so that an interrupted run leaves no half file behind.
    writeFileSync(`${place}.part`, bytes);
    renameSync(`${place}.part`, place);
    fetched++;
  }
}
console.log(`test vectors: ${fetched} files fetched, ${present} were there`);
