// Curves over n, both axes logarithmic: one drawing per operation, and all of them on one sheet.
import type { Result } from "../scenario/measurements.ts";
import { type Operation, operations } from "../scenario/operations.ts";
import { columnOf, formatTime } from "./tables.ts";

const WIDTH = 420;
const HEIGHT = 270;
const PLOT = { left: 56, top: 34, right: WIDTH - 104, bottom: HEIGHT - 34 };
/** Lines of text do not come closer than this. */
const LINE = 12;

/** Told apart by people who see colours differently, on white and on black. */
const colours: Record<string, string> = {
  grove: "#0072b2",
  "grove, browser": "#3aa0d8",
  "ts-mls-1": "#e69f00",
  "ts-mls-2": "#d55e00",
  "core-crypto": "#cc79a7",
  openmls: "#009e73",
  "mls-rs": "#8a7d20",
  floor: "#888888",
};

const style = `<style>
text { font: 11px system-ui, sans-serif; fill: #333 }
.title { font-weight: 600; font-size: 12px }
.grid { stroke: #e3e3e3 }
.sheet { fill: #fff }
@media (prefers-color-scheme: dark) { text { fill: #ccc } .grid { stroke: #333 } .sheet { fill: #111 } }
</style>`;

interface Scale {
  readonly at: (value: number) => number;
  readonly decades: readonly number[];
}

/** A logarithmic scale from whole decade to whole decade. */
function logScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${content.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="grid" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`;

/** The inside of one drawing; empty where nothing was measured. */
function drawCurves({ name, title }: Operation, results: readonly Result[]): string {
  const rows = results.filter(({ operation }) => operation === name).sort((one, other) => one.members - other.members);
  if (rows.length === 0) return "";
  const x = logScale(
    rows.map(({ members }) => members),
    PLOT.left,
    PLOT.right,
  );
  const y = logScale(
    rows.map(({ milliseconds }) => milliseconds),
    PLOT.bottom,
    PLOT.top,
  );
  const grid = [
    ...x.decades.flatMap((members) => [
      line(x.at(members), PLOT.top, x.at(members), PLOT.bottom),
      text(x.at(members), PLOT.bottom + 14, members.toLocaleString("en"), 'text-anchor="middle"'),
    ]),
    ...y.decades.flatMap((milliseconds) => [
      line(PLOT.left, y.at(milliseconds), PLOT.right, y.at(milliseconds)),
      text(PLOT.left - 6, y.at(milliseconds) + 4, formatDecade(milliseconds), 'text-anchor="end"'),
    ]),
    text(PLOT.right, PLOT.bottom + 28, "members", 'text-anchor="end"'),
  ];
  const columns = [...new Set(rows.map(columnOf))];
  const curves = columns.map((column) => {
    const own = rows.filter((row) => columnOf(row) === column);
    const points = own.map((row) => ({ x: x.at(row.members), y: y.at(row.milliseconds) }));
    return { column, points, end: points[points.length - 1]! };
  });
  return [
    text(PLOT.left, 18, `${name}: ${title}`, 'class="title"'),
    ...grid,
    ...curves.map(({ column, points }) => drawCurve(column, points)),
    ...labels(curves),
  ].join("\n");
}

function drawCurve(column: string, points: readonly { readonly x: number; readonly y: number }[]): string {
  const colour = colours[column] ?? "#000";
  const width = column === "grove" ? 2.5 : 1.5;
  const dash = column === "floor" ? ' stroke-dasharray="4 3"' : "";
  const path = points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(" ");
  const dots = points.map((p) => `<circle cx="${p.x.toFixed(1)}" cy="${p.y.toFixed(1)}" r="2.5" fill="${colour}"/>`);
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}"${dash}/>${dots.join("")}`;
}

/** The names at the ends of their curves, moved apart where they would overlap. */
function labels(curves: readonly { readonly column: string; readonly end: { readonly y: number } }[]): string[] {
  const sorted = [...curves].sort((one, other) => one.end.y - other.end.y);
  let last = -Infinity;
  const tops = sorted.map(({ end }) => (last = Math.max(end.y, last + LINE)));
  const over = Math.max(0, last - PLOT.bottom);
  return sorted.map(({ column }, index) => {
    const at = text(PLOT.right + 8, tops[index]! - over + 4, column);
    return at.replace("<text ", `<text style="fill:${colours[column] ?? "inherit"}" `);
  });
}

function formatDecade(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toLocaleString("en")} s`;
  return milliseconds >= 1 ? `${milliseconds} ms` : `${formatMicroseconds(milliseconds)} µs`;
}

function formatMicroseconds(milliseconds: number): string {
  return formatTime(milliseconds * 1000).replace(/[.]0+$/, "");
}

const open = (width: number, height: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${style}<rect class="sheet" width="${width}" height="${height}"/>`;

/** One drawing; undefined where nothing was measured. */
export function curvesOf(operation: Operation, results: readonly Result[]): string | undefined {
  const inside = drawCurves(operation, results);
  return inside === "" ? undefined : `${open(WIDTH, HEIGHT)}\n${inside}\n</svg>\n`;
}

/** All drawings on one sheet, `across` beside each other. */
export function sheetOf(results: readonly Result[], across = 3): string {
  const drawings = operations.map((operation) => drawCurves(operation, results)).filter((inside) => inside !== "");
  const rows = Math.ceil(drawings.length / across);
  const placed = drawings.map((inside, i) => {
    const [left, top] = [(i % across) * WIDTH, Math.floor(i / across) * HEIGHT];
    return `<g transform="translate(${left} ${top})">\n${inside}\n</g>`;
  });
  return `${open(WIDTH * across, HEIGHT * Math.max(1, rows))}\n${placed.join("\n")}\n</svg>\n`;
}
