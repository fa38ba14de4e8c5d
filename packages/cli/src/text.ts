import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** Formats rows as a table and cuts wide cells to the terminal's width. Files and pipes get the full text. */
export function table(heads: readonly string[], all: readonly (readonly string[])[], empty: string): string {
  if (all.length === 0) return pc.dim(empty);
  const most = widest(heads, all);
  const rows = all.map((row) => row.map((cell) => cut(cell, most)));
  const widths = heads.map((head, i) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + " ".repeat((widths[i] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd();
  return [pc.dim(line(heads)), ...rows.map(line)].join("\n");
}

function widest(heads: readonly string[], rows: readonly (readonly string[])[]): number {
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
  if (columns === undefined) return Number.POSITIVE_INFINITY;
  const needs = heads.map((head, i) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[i] ?? ""))));
  let left = columns - 2 * (heads.length - 1);
  // Narrow columns keep their width; the others share the rest.
  const sorted = [...needs].sort((a, b) => a - b);
  for (const [i, need] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - i));
    if (need > share) return Math.max(8, share);
    left -= need;
  }
  return Number.POSITIVE_INFINITY;
}

function cut(cell: string, most: number): string {
  if (widthOf(cell) <= most) return cell;
  return `${stripVTControlCharacters(cell).slice(0, most - 1)}…`;
}

export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${pc.dim(name.padEnd(width))}  ${value}`).join("\n");
}

export const done = (text: string): string => `${pc.green("✓")} ${text}`;
export const failed = (text: string): string => `${pc.red("✗")} ${text}`;

/** "12 lessons", "1 lesson". */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** Returns a progress bar. */
export function meter(percent: number, width = 24): string {
  const filled = Math.round((percent / 100) * width);
  return `${pc.green("━".repeat(filled))}${pc.dim("━".repeat(width - filled))} ${percent} %`;
}
