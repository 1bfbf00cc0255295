// The reference: `npm run docs:reference`. A public name without documentation, a link to nothing, a type that cannot be
// looked up: each is a fault.
import { fileURLToPath } from "node:url";
import { Comment, Converter, ReflectionKind } from "typedoc";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What says enough by its name and value: discriminants, numbers of registries, the halves of a key pair. */
const selfExplaining = (/** @type {import("typedoc").Reflection} */ { name, parent }) =>
  name === "kind" ||
  ["CredentialType", "ExtensionType", "ProposalType", "WireFormat", "deriveKeyPair"].includes(
    parent?.parent?.name ?? "",
  );

/** Entry points, and how applications import them. */
const entries = {
  "bindings/index.ts": "grove-mls",
  "json/index.ts": "grove-mls/json",
  "vectors/index.ts": "grove-mls/vectors",
  "bindings/suites/nist.ts": "grove-mls/suites/nist",
  "bindings/suites/x448.ts": "grove-mls/suites/x448",
};

/** @param {import("typedoc").Application} app */
function asImported(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const names = new Map(Object.entries(entries).map(([file, name]) => [file.replace(/([/]index)?[.]ts$/, ""), name]));
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = names.get(module.name) ?? module.name;
    }
    for (const reflection of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (selfExplaining(reflection)) reflection.comment ??= new Comment([{ kind: "text", text: " " }]);
    }
  });
}

/** @type {import("typedoc").TypeDocOptions} */
export default {
  name: "Grove",
  entryPoints: Object.keys(entries).map((file) => root + file),
  tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
  out: `${root}.cache/reference`,
  plugin: [asImported],
  readme: "none",
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, invalidPath: false, rewrittenLink: true, notDocumented: true },
  // Parameters for the library itself, and what an engine is made of.
  intentionallyNotExported: ["Staged", "Content", "DecodeContext", "LeafCore", "LeafFrame"],
};
