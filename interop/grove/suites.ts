// The suites outside the core, as members in one process share them.
//
// All members of a group verify the same signatures over the same bytes, and in a run all of them live here: what has
// been verified once is looked up for the others. Nothing else is shared; a signature, key or byte that differs is
// verified for itself, and every member still opens, checks and computes everything alone.

import { createHash } from "node:crypto";
import type { SuitePlugin } from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";

/** The plug-in with a memory of what its `verify` has answered. */
export function remembering(plugin: SuitePlugin): SuitePlugin {
  const { signatureScheme } = plugin;
  const answers = new Map<string, boolean>();
  const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const key = [publicKey, message, signature].map(digest).join();
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = signatureScheme.verify(publicKey, message, signature);
    answers.set(key, answer);
    return answer;
  };
  return { ...plugin, signatureScheme: { ...signatureScheme, verify } };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

/** Suites 2, 4, 5, 6 and 7. */
export const suites: readonly SuitePlugin[] = [...nist, ...x448].map(remembering);
