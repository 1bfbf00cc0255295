import { MlsError } from "../bindings/errors.ts";
import { kinds } from "./kinds.ts";
import { Difference } from "./shape.ts";
import { Tools, type ToolsOptions } from "./tools.ts";

/** A case that does not hold, and why, for people. */
export interface VectorFailure {
  /** Its place in the file. */
  readonly index: number;
  /** Why, in words for people. */
  readonly reason: string;
}

/** What came of the cases of one file. */
export interface VerifyResult {
  /** Cases that hold. */
  readonly passed: number;
  /** Cases in all. */
  readonly total: number;
  /** Those that do not, in their order. */
  readonly failures: readonly VectorFailure[];
}

/** How cases are verified. */
export interface VerifyOptions extends Pick<ToolsOptions, "suites"> {
  /** Is told how many cases are done. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Verifies the parsed content of a vector file: an array of cases, or one case. Each is recognised by its
 * form; one of no known kind fails. Nothing is thrown for what the content says.
 */
export function verifyCases(content: unknown, { progress, ...options }: VerifyOptions = {}): VerifyResult {
  const cases: readonly unknown[] = Array.isArray(content) ? content : [content];
  const tools = new Tools(options);
  const failures: VectorFailure[] = [];
  cases.forEach((value, index) => {
    try {
      verifyCase(value, tools);
    } catch (error) {
      failures.push({ index, reason: reasonOf(error) });
    }
    progress?.(index + 1, cases.length);
  });
  return { passed: cases.length - failures.length, total: cases.length, failures };
}

/** Throws unless the case is of a known kind and holds. */
export function verifyCase(value: unknown, tools: Tools): void {
  const kind = kinds.find((candidate) => candidate.recognizes(value));
  if (kind === undefined) throw new Difference("the case is of no known kind");
  kind.verify(value, tools);
}

function reasonOf(error: unknown): string {
  if (error instanceof MlsError) return `${error.code} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
