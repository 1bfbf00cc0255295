// The direction of the house: what may import what (ARCHITECTURE.md draws it).

/** A folder, and the only places of the same tree that it may import besides itself. */
const only = (name, from, ...to) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: "^(bindings|assembly|stores|workers|cli|json|vectors|test|bench|scripts)/", pathNot: [from, ...to] },
});

const errors = "^bindings/(errors|limits)[.]ts$";
const core = "^bindings/core/";
const codec = "^bindings/codec/";
const message = "^bindings/message/";
const crypto = "^bindings/crypto/";
const middle = ["^bindings/schedule/", "^bindings/tree/", "^bindings/framing/"];
const validate = "^bindings/validate/";
const floor = "^assembly/(?!index[.])[^/]+[.]ts$";
const hash = "^assembly/hash/";
const curve = "^assembly/curve/";
const aead = "^assembly/aead/";
const hpke = "^assembly/hpke/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "resolvable",
      severity: "error",
      from: { path: "^(bindings|stores|workers|cli|json|vectors)/" },
      // The build puts the core's file there.
      to: { couldNotResolve: true, pathNot: "^#core[.]wasm$" },
    },
    {
      name: "no-dev-dependencies",
      comment: "The suites outside the core stand on optional peers, and they alone.",
      severity: "error",
      from: { path: "^(bindings|stores|workers|cli|json|vectors)/", pathNot: "^bindings/suites/" },
      to: { dependencyTypes: ["npm-dev"] },
    },
    {
      name: "no-node-in-bindings",
      severity: "error",
      from: { path: "^(bindings|json|vectors)/" },
      to: { dependencyTypes: ["core"] },
    },

    { name: "errors-import-nothing", severity: "error", from: { path: "^bindings/errors[.]ts$" }, to: { path: "." } },
    only("core-is-the-floor", core, errors),
    // A decoding context names the engine whose core parses the leaf nodes; the rest of codec knows bytes alone.
    only("codec-knows-bytes", "^bindings/codec/(?!context[.])", errors, codec),
    only("codec-context-names-the-engine", "^bindings/codec/context[.]ts$", errors, codec, core),
    only("message-knows-no-crypto", message, errors, codec, core),
    only("crypto-on-core", crypto, errors, codec, core),
    only("schedule-tree-framing-on-crypto", "^bindings/(schedule|tree|framing)/", errors, codec, core, message, crypto),
    only(
      "validate-below-the-group",
      validate,
      errors,
      "^bindings/policy[.]ts$",
      codec,
      core,
      message,
      crypto,
      ...middle,
    ),
    only("suites-are-plug-ins", "^bindings/suites/", crypto),
    {
      name: "suites-are-chosen-by-the-application",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/suites/" },
      to: { path: "^bindings/suites/" },
    },
    only("bindings-stand-alone", "^bindings/"),
    {
      name: "index-is-the-roof",
      severity: "error",
      from: { path: "^bindings/" },
      to: { path: "^bindings/index[.]ts$" },
    },
    {
      name: "public-api-alone",
      comment: "Stores, workers, the command and interoperability runs use what every application can use.",
      severity: "error",
      from: { path: "^(stores|workers|cli|interop)/" },
      to: { path: "^(bindings|assembly)/", pathNot: "^bindings/(index|suites/(nist|x448))[.]ts$" },
    },
    only("json-on-bindings", "^json/", "^bindings/(?!index[.]|suites/)"),
    only("vectors-on-bindings", "^vectors/", "^bindings/(?!index[.]|suites/)"),
    {
      name: "json-and-vectors-by-their-index",
      comment: "The command loads each as one published module.",
      severity: "error",
      from: { path: "^(bindings|stores|workers|cli|interop)/" },
      to: { path: "^(json|vectors)/", pathNot: "^(json|vectors)/index[.]ts$" },
    },

    only("assembly-floor", floor),
    only("hash-on-the-floor", hash, floor),
    only("curve-on-hash", curve, floor, hash),
    only("aead-on-the-floor", aead, floor, hash),
    only("hpke-on-kernels", hpke, floor, hash, curve, aead),
    only("secret-on-kernels", "^assembly/secret/", floor, hash, curve, aead, hpke, "^assembly/tree/math[.]ts$"),
    only("tree-on-kernels", "^assembly/tree/", floor, hash, curve, aead, hpke, "^assembly/secret/"),
    {
      name: "assembly-stands-alone",
      severity: "error",
      from: { path: "^assembly/" },
      to: { pathNot: "^assembly/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(bench/rivals|build|dist|interop/[^/]+/node_modules)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.tools.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
