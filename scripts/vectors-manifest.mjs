// Writes scripts/vectors.manifest.json from a directory of vectors: run it when the pinned commits move.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { findVectors } from "./places.mjs";

const sources = [
  {
    folder: "mls",
    repository: "mlswg/mls-implementations",
    commit: "cfd450286d1bfd9cd2519b95c80f9771f94a5b1a",
    path: "test-vectors",
  },
  {
    folder: "interop",
    repository: "mlswg/mls-implementations",
    commit: "cfd450286d1bfd9cd2519b95c80f9771f94a5b1a",
    path: "interop/configs",
  },
  {
    folder: "wycheproof",
    repository: "C2SP/wycheproof",
    commit: "dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166",
    path: "testvectors_v1",
  },
];

const vectors = findVectors();
if (vectors === undefined) throw new Error("no vectors found: set MLS_VECTORS_DIR");
const manifest = sources
  .filter(({ folder }) => existsSync(`${vectors}/${folder}`))
  .map(({ folder, ...source }) => {
    const files = readdirSync(`${vectors}/${folder}`)
      .filter((file) => file.endsWith(".json"))
      .sort()
      .map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(`${vectors}/${folder}/${file}`))
          .digest("hex"),
      ]);
    return { folder, ...source, files: Object.fromEntries(files) };
  });
writeFileSync(new URL("vectors.manifest.json", import.meta.url), JSON.stringify(manifest, null, 2) + "\n");
