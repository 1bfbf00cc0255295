// Colours, on a terminal only (no-color.org).

/** How parts of a line are set off. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
}

const sequence =
  (start: number, end: number) =>
  (text: string): string =>
    `\x1b[${start}m${text}\x1b[${end}m`;
const plain = (text: string): string => text;

const colours: Paint = {
  strong: sequence(1, 22),
  faint: sequence(2, 22),
  good: sequence(32, 39),
  warning: sequence(33, 39),
};
const none: Paint = { strong: plain, faint: plain, good: plain, warning: plain };

/** Colours for a stream that is a terminal, unless NO_COLOR has a value or the terminal is a dumb one. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const isWanted = stream.isTTY === true && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
  return isWanted ? colours : none;
}

/** Text of a stranger, quoted, where all of it can be seen and none of it moves the cursor; otherwise undefined. */
export function quoted(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text) ? JSON.stringify(text) : undefined;
  } catch {
    return undefined;
  }
}
