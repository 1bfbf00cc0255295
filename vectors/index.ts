// Verifies and generates the test vectors of the MLS working group (mlswg/mls-implementations).

export { generateCases, type GenerateOptions, vectorKinds } from "./generate.ts";
export type { ToolsOptions } from "./tools.ts";
export { type VectorFailure, verifyCases, type VerifyOptions, type VerifyResult } from "./verify.ts";
