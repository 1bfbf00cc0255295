import { kinds } from "./kinds.ts";
import { Tools, type ToolsOptions } from "./tools.ts";

/** The names of all kinds, which are those of the working group's files. */
export const vectorKinds: readonly string[] = kinds.map(({ name }) => name);

export interface GenerateOptions extends ToolsOptions {
  /** One of {@link vectorKinds}. */
  readonly kind: string;
  /** The cipher suite, 1 to 7; kinds that know no suite leave it aside. */
  readonly cipherSuite: number;
  /** How many cases, 1 unless given; the first ones are the simplest. */
  readonly count?: number;
}

/**
 * Fresh cases, as the JSON of a vector file has them; with `seed` the same ones every time. Throws
 * `RangeError` for a kind that does not exist, and `ERR_UNSUPPORTED` for a suite whose curves are not given.
 */
export function generateCases({ kind: name, cipherSuite, count = 1, ...options }: GenerateOptions): object[] {
  const kind = kinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new RangeError(`there is no kind "${name}" of test vectors`);
  const tools = new Tools(options);
  const suite = tools.suite(cipherSuite);
  return Array.from({ length: count }, (_, index) => kind.generate(suite, tools, index));
}
