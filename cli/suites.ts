// The suites whose curves are outside the core, where their library is installed.

import type { SuitePlugin } from "../bindings/index.ts";

/** What to say where it is not. */
export const missingCurves =
  "cipher suites 2, 4, 5, 6 and 7 need @noble/curves and @noble/hashes: npm install @noble/curves @noble/hashes";

/** The plug-ins of suites 2 and 4 to 7; undefined where `@noble/curves`, an optional peer, is missing. */
export async function loadSuites(): Promise<readonly SuitePlugin[] | undefined> {
  try {
    const [{ nist }, { x448 }] = await Promise.all([
      import("../bindings/suites/nist.ts"),
      import("../bindings/suites/x448.ts"),
    ]);
    return [...nist, ...x448];
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
