// A progress bar for long steps, drawn on a terminal only.

const WIDTH = 28;
const REDRAW_MILLISECONDS = 80;

/** Tells how far a long step has come. */
export interface Progress {
  /** `done` units of the total are finished. */
  update(done: number): void;
  /** Removes the bar. */
  end(): void;
}

/** Starts a bar for `total` units on standard error; silent where that is no terminal. */
export function startProgress(label: string, total: number): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, end: () => undefined };
  let drawn = 0;
  const draw = (done: number): void => {
    const filled = Math.round((WIDTH * done) / total);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    process.stderr.write(
      `\r\x1b[2K  ${label.padEnd(34)} ${bar} ${done.toLocaleString("en")}/${total.toLocaleString("en")}`,
    );
  };
  return {
    update: (done) => {
      const now = performance.now();
      if (now - drawn < REDRAW_MILLISECONDS && done < total) return;
      drawn = now;
      draw(done);
    },
    end: () => process.stderr.write("\r\x1b[2K"),
  };
}
