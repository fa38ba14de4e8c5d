import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** Rows under heads, as wide as they need. Says what to do when there are none. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], empty: string): string {
  if (rows.length === 0) return pc.dim(empty);
  const widths = heads.map((head, i) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + " ".repeat((widths[i] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd();
  return [pc.dim(line(heads)), ...rows.map(line)].join("\n");
}

/** Names and values below each other. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${pc.dim(name.padEnd(width))}  ${value}`).join("\n");
}

export const done = (text: string): string => `${pc.green("✓")} ${text}`;
export const failed = (text: string): string => `${pc.red("✗")} ${text}`;

/** "12 lessons", "1 lesson". */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** A bar of progress to print. */
export function meter(percent: number, width = 24): string {
  const filled = Math.round((percent / 100) * width);
  return `${pc.green("━".repeat(filled))}${pc.dim("━".repeat(width - filled))} ${percent} %`;
}
