// All figures to reach, from what one run has measured and what is measured besides.
import type { Host } from "../scenario/host.ts";
import type { Result } from "../scenario/measurements.ts";
import { columnOf } from "../report/tables.ts";
import { browserFigures } from "./browser.ts";
import type { Figure } from "./figure.ts";
import { addingFigure, dropFigures, type Probes, residentFigure } from "./memory.ts";
import { recordFigures } from "./records.ts";
import { sizeFigures, startFigure } from "./size.ts";
import { type PrimitivesBeside, timeFigures } from "./times.ts";

export interface Measured {
  readonly results: readonly Result[];
  readonly primitives: PrimitivesBeside;
  readonly moments: ReadonlyMap<number, Uint8Array>;
}

/** The figures that follow from the results alone. */
export function figuresOf({ results, primitives }: Measured): Figure[] {
  const inNode = results.filter((row) => columnOf(row) === "grove");
  return [...timeFigures({ results: inNode, primitives }), ...browserFigures(results)];
}

/** Memory, saved state, size and start: each with a measurement of its own. `dropped`: groups to make and drop. */
export async function furtherFigures(
  host: Host,
  { moments }: Measured,
  probes: Probes,
  dist: string,
  dropped: number,
): Promise<Figure[]> {
  const largest = [...moments].filter(([members]) => members === 100_000);
  const residents: Figure[] = [];
  for (const [members, saved] of largest) residents.push(await residentFigure(host, members, saved, probes));
  return [
    await addingFigure(host, 10_000, probes),
    ...residents,
    ...dropFigures(probes, dropped),
    ...recordFigures(host, moments),
    ...(await sizeFigures(dist)),
    startFigure(`${probes.directory}/probes/start.mjs`, probes.engine),
  ];
}
