// The public surface as reviews see it: docs/api/*.api.md, made of the declarations in dist/. Without `--update` it only
// compares, and fails where a report is not what the declarations give. Needs `npm run build`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { install } from "../../scripts/install.mjs";

install("docs/tools");
const { Extractor, ExtractorConfig, ExtractorLogLevel } = await import("@microsoft/api-extractor");

const root = fileURLToPath(new URL("../..", import.meta.url));
const { update } = parseArgs({ options: { update: { type: "boolean", default: false } } }).values;
const work = `${root}.cache/api`;
/** @type {Record<string, { types: string }>} */
const { exports } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const entries = Object.entries(exports).filter(([entry, { types }]) => types && !entry.endsWith(".wasm"));

mkdirSync(work, { recursive: true });
mkdirSync(`${root}docs/api`, { recursive: true });
const tsconfig = `${work}/tsconfig.json`;
const compilerOptions = { module: "nodenext", target: "es2022", lib: ["es2023", "dom"], types: [], strict: true };
writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: entries.map(([, { types }]) => root + types) }));

/** @type {string[]} */
const differing = [];
for (const [entry, { types }] of entries) {
  const name = entry === "." ? "grove-mls" : entry.slice(2).replaceAll("/", "-");
  const log = /** @type {const} */ ({ logLevel: "none", addToApiReportFile: false });
  const { succeeded, apiReportChanged, errorCount } = Extractor.invoke(
    ExtractorConfig.prepare({
      configObjectFullPath: `${root}docs/tools/api.json`,
      packageJsonFullPath: `${root}package.json`,
      configObject: {
        projectFolder: root,
        mainEntryPointFilePath: root + types,
        compiler: { tsconfigFilePath: tsconfig },
        apiReport: {
          enabled: true,
          reportFileName: name,
          reportFolder: `${root}docs/api`,
          reportTempFolder: work,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        newlineKind: "lf",
        messages: {
          compilerMessageReporting: { default: { logLevel: /** @type {const} */ ("error") } },
          extractorMessageReporting: { default: log },
          tsdocMessageReporting: { default: log },
        },
      },
    }),
    {
      localBuild: update,
      messageCallback: (message) => void (message.handled = message.logLevel !== ExtractorLogLevel.Error),
    },
  );
  if (apiReportChanged) differing.push(`docs/api/${name}.api.md`);
  else if (!succeeded || errorCount > 0) process.exitCode = 1;
}
const verb = update ? "written" : "not what the declarations give: look at the change, then `npm run api:update`";
for (const file of differing) console.log(`${file}: ${verb}`);
if (!update && differing.length > 0) process.exitCode = 1;
console.log(`public surface: ${entries.length} entries, ${differing.length} changed`);
