// Packs the package as npm would publish it: its files are those of test/package/files.txt, publint and
// arethetypeswrong find no fault, and installed with and without its optional peers it runs. Needs `npm run build`.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { install as installFolder } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const place = mkdtempSync(`${tmpdir()}/grove-package-`);
let checks = 0;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  return { status, stdout, stderr };
}

/**
 * @param {string} what
 * @param {boolean} holds
 * @param {unknown} seen
 */
function check(what, holds, seen) {
  if (!holds) throw new Error(`the package: ${what}; seen: ${JSON.stringify(seen)}`);
  checks++;
}

/**
 * A folder with the package in its node_modules, and these dependencies beside it.
 * @param {string} name
 * @param {string} tarball
 * @param {string[]} scopes
 */
function install(name, tarball, scopes) {
  const folder = `${place}/${name}`;
  const modules = `${folder}/node_modules`;
  mkdirSync(`${modules}/grove-mls`, { recursive: true });
  const unpacked = run("tar", ["-xzf", tarball, "-C", `${modules}/grove-mls`, "--strip-components=1"], place);
  check("unpacks", unpacked.status === 0, unpacked);
  for (const scope of scopes) symlinkSync(`${root}node_modules/${scope}`, `${modules}/${scope}`);
  const { bin } = JSON.parse(readFileSync(`${modules}/grove-mls/package.json`, "utf8"));
  return {
    modules,
    grove: (/** @type {string[]} */ ...args) =>
      run(process.execPath, [`${modules}/grove-mls/${bin.grove}`, ...args], folder),
    node: (/** @type {string} */ code) => run(process.execPath, ["--input-type=module", "--eval", code], folder),
  };
}

try {
  const packed = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", place], root);
  check("packs", packed.status === 0, packed);
  const [{ filename, files, size, unpackedSize }] = JSON.parse(packed.stdout);
  const tarball = `${place}/${filename}`;

  const listed = readFileSync(`${root}test/package/files.txt`, "utf8").trim().split("\n");
  const held = files.map((/** @type {{ path: string }} */ file) => file.path);
  const differing = [
    ...listed.filter((path) => !held.includes(path)).map((path) => `${path} is missing`),
    ...held
      .filter((/** @type {string} */ path) => !listed.includes(path))
      .map((/** @type {string} */ path) => `${path} is new`),
  ];
  check("holds the files that are listed", differing.length === 0, differing);

  installFolder("test/package");
  const tools = `${root}test/package/node_modules/.bin`;
  const linted = run(`${tools}/publint`, ["run", tarball, "--strict"], place);
  check("passes publint", linted.status === 0, linted);
  const typed = run(`${tools}/attw`, [tarball, "--profile", "esm-only", "--format", "ascii"], place);
  check("passes arethetypeswrong", typed.status === 0, typed);

  const bare = install("bare", tarball, ["@assemblyscript"]);
  const made = bare.grove("vectors", "generate", "crypto-basics", "--suite", "1", "--count", "2", "--out", "one.json");
  check("generates for suite 1 without @noble/curves", made.status === 0, made);
  const verified = bare.grove("vectors", "verify", "one.json");
  check(
    "verifies suite 1 without @noble/curves",
    verified.status === 0 && verified.stdout.endsWith("\n2/2\n"),
    verified,
  );
  check("says there what is missing", verified.stderr.includes("npm install @noble/curves"), verified);
  const refused = bare.grove("vectors", "generate", "crypto-basics", "--suite", "2");
  check("refuses suite 2 without @noble/curves", refused.status === 1 && refused.stdout === "", refused);
  check("says what suite 2 needs", refused.stderr.includes("npm install @noble/curves"), refused);

  const full = install("full", tarball, ["@assemblyscript", "@noble"]);
  const two = full.grove("vectors", "generate", "passive-client-welcome", "--suite", "2", "--out", "two.json");
  check("generates for suite 2", two.status === 0, two);
  const both = full.grove("vectors", "verify", "two.json", "../bare/one.json");
  check("verifies both", both.status === 0 && both.stdout.endsWith("\n3/3\n") && both.stderr === "", both);
  const imported = full.node(`
    import { MlsError } from "grove-mls";
    import { generateCases, verifyCases } from "grove-mls/vectors";
    let known = false;
    try { generateCases({ kind: "welcome", cipherSuite: 2 }) } catch (error) { known = error instanceof MlsError }
    console.log(verifyCases(generateCases({ kind: "welcome", cipherSuite: 1 })).passed, known);
  `);
  check("exports the vectors, and one set of errors", imported.stdout === "1 true\n", imported);

  const named = full.node(`
    import { basicCredential, Client, UnsupportedError } from "grove-mls";
    const client = Client.create({ credential: basicCredential("alice"), authenticate: () => true });
    let error;
    try { client.join(new Uint8Array(3)) } catch (caught) { error = caught }
    console.log(Client.name, error.name, error instanceof UnsupportedError, error.stack.startsWith(error.name + ": "));
  `);
  check("keeps the names of classes", named.stdout === "Client UnsupportedError true true\n", named);

  const json = full.node(`
    import { Client, acceptAnyCredential, basicCredential } from "grove-mls";
    import { fromJSON, toJSON } from "grove-mls/json";
    const client = Client.create({ credential: basicCredential("a"), authenticate: acceptAnyCredential });
    const bytes = client.keyPackage();
    console.log(fromJSON("MLSMessage", toJSON("MLSMessage", bytes)).join() === bytes.join());
    console.log(import.meta.resolve("grove-mls/schema.json").endsWith("/dist/schema.json"));
  `);
  check("exports JSON and its schema", json.stdout === "true\ntrue\n", json);

  const kept = full.grove("keypackage", "bob");
  check("makes a key package", kept.status === 0 && kept.stderr === "", kept);
  const inspected = full.grove("inspect", "bob.keypackage", "--json");
  check("looks at it", inspected.status === 0 && JSON.parse(inspected.stdout).kind === "keyPackage", inspected);
  const drawn = full.grove("tree", "bob.keypackage");
  check(
    "draws no tree of it",
    drawn.status === 1 && drawn.stderr === "grove: a keyPackage has no ratchet tree\n",
    drawn,
  );

  // An application that checks the declarations too, and asks for no library but the pages' own.
  const entries = Object.keys(JSON.parse(readFileSync(`${root}package.json`, "utf8")).exports).filter(
    (entry) => !entry.endsWith(".json"),
  );
  const uses = entries.map((entry, i) => `import * as entry${i} from "${entry.replace(".", "grove-mls")}";`);
  writeFileSync(
    `${place}/full/use.ts`,
    `${uses.join("\n")}\nexport const all = [${entries.map((_, i) => `entry${i}`).join()}];\n`,
  );
  writeFileSync(`${place}/full/package.json`, '{ "type": "module" }');
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      strict: true,
      noEmit: true,
    };
    writeFileSync(`${place}/full/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["use.ts"] }));
    const checked = run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", "."], `${place}/full`);
    check(`has declarations for ${moduleResolution} that stand alone`, checked.status === 0, checked);
  }

  // Without the file there, nobody can load it.
  rmSync(`${bare.modules}/grove-mls/dist/vectors.js`);
  const demo = bare.grove("demo", "--members", "16");
  check("plays the demo without @noble/curves and without the vectors", demo.status === 0, demo);
  const threaded = bare.grove("demo", "--members", "16", "--threads", "3");
  const isThreaded = threaded.status === 0 && / in all on 3 threads, /.test(String(threaded.stdout));
  check("plays it on several threads", isThreaded, threaded);

  const kilobytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1000)} KB`;
  console.log(`package: ${checks} checks hold; ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`);
} finally {
  rmSync(place, { recursive: true });
}
