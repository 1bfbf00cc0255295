// Writes docs/errors.md from the list of codes in bindings/errors.ts. A test finds it out of date.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import prettier from "prettier";
import { errorCodesOf, rulesByCode } from "./error-codes.mjs";
import { errorTexts } from "./error-texts.mjs";

const file = fileURLToPath(new URL("../docs/errors.md", import.meta.url));

/** @type {Record<string, string>} */
const kinds = {
  DecodeError: "The bytes are not a well-formed message, or are over a limit.",
  UnsupportedError: "Something that this client lacks.",
  CryptoError: "A signature, MAC or ciphertext does not verify. No detail is given.",
  ValidationError: "A peer broke a rule of RFC 9420; `rule` names it.",
  StateError: "The call does not fit the present state.",
  InternalError: "A fault of this library, or of where it runs.",
};

/** By section, then by number. */
const inOrder = (/** @type {string} */ a, /** @type {string} */ b) => a.localeCompare(b, "en", { numeric: true });

/** The text of docs/errors.md. */
export async function errorsPage() {
  const rules = rulesByCode();
  const lines = [
    "<!-- Written by `npm run docs:errors`. -->",
    "# Errors",
    "",
    "What the library throws is an `MlsError`, but for `TypeError` and `RangeError` where an argument is of the wrong kind.",
    "`code` is stable and made for programs. `message` is made for people, and may change: what came and what was",
    "expected, then in brackets the place and the rules that were broken, from the outermost error to the innermost.",
    "It holds numbers, lengths and names of the RFC, never a secret or what a message says. Nothing has changed when",
    "something was thrown: the message can be tried again later, or dropped.",
    "",
    "What your own `now`, `padding` or suite plug-in throws comes through as it is. `random` is told by `ERR_RANDOM`,",
    "`authenticate` and `mayResync` by `ERR_CREDENTIAL`, the `validate` of a proposal type by `ERR_PROPOSAL_LIST`.",
    "",
    "| field | what it says |",
    "| --- | --- |",
    "| `code` | what went wrong, one of those below |",
    "| `rule` | the rule that was broken: `MLS-`, the section of RFC 9420, a number; `DEF-` for a bound of our own |",
    "| `struct`, `offset` | the struct that was read, and the byte at which it went wrong |",
    "| `index` | the position in the list of proposals, key packages or PSKs that was handed in |",
    "| `leafIndex` | the leaf at fault |",
    "| `cause` | the error of what is inside: leaf node in key package in proposal; `errorCodes(error)` lists all codes |",
    "",
  ];
  let kind = "";
  for (const { code, kind: its } of errorCodesOf()) {
    if (its !== kind) lines.push(`## ${its}`, "", kinds[its] ?? "", "");
    kind = its;
    const text = errorTexts[code];
    if (text === undefined) throw new Error(`scripts/error-texts.mjs has nothing on ${code}`);
    const named = [...new Set([...(rules.get(code) ?? []), ...(text.rules ?? [])])].sort(inOrder);
    lines.push(`### ${code}`, "", text.when, "", `**What to do:** ${text.todo}`, "");
    if (named.length > 0) lines.push(`Rules, among others: ${named.map((rule) => `\`${rule}\``).join(", ")}.`, "");
  }
  return prettier.format(lines.join("\n"), { ...(await prettier.resolveConfig(file)), parser: "markdown" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = await errorsPage();
  writeFileSync(file, page);
  console.log(`docs/errors.md: ${errorCodesOf().length} codes`);
}
