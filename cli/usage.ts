// What every command says of its command line.

/** A command line that cannot be understood. */
export class UsageError extends Error {}

/** Whether an error says that the command line is wrong, be it ours or that of `parseArgs`. */
export function isUsageError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return error instanceof UsageError || (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS"));
}

/** The value of an option that takes a whole number. */
export function wholeNumber(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < least || value > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/** The value of an option that takes one of a few words. */
export function oneOf<Word extends string>(text: string, name: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new UsageError(`--${name} takes one of ${words.join(", ")}, not "${text}"`);
  return word;
}

/** The only positional argument of a command. */
export function onlyPath(command: string, positionals: readonly string[]): string {
  const [path, ...surplus] = positionals;
  if (path === undefined || surplus.length > 0)
    throw new UsageError(`${command} takes one file, or - for standard input`);
  return path;
}
