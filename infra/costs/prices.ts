import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../synth/paths.ts";

export interface Price {
  readonly usd: number;
  /** Key in `sources`, with the date of the comparison. */
  readonly source?: string;
  readonly date?: string;
  /** Set when no source was found to compare with. */
  readonly checked?: false;
}

export const tables = ["perMonth", "perHour", "perGbMonth", "perGb", "perMillion", "perMinute"] as const;
type Table = (typeof tables)[number];

export interface Prices extends Readonly<Record<Table, Readonly<Record<string, Price>>>> {
  readonly date: string;
  readonly region: string;
  readonly source: string;
  readonly sources: Readonly<Record<string, string>>;
}

export const prices: Prices = JSON.parse(readFileSync(path.join(root, "infra/prices.json"), "utf8"));

/** Returns a price in US dollars by name; throws for a missing one, so that nothing counts as free by accident. */
export function price(table: Table, name: string): number {
  const found = prices[table][name];
  if (found === undefined) throw new Error(`infra/prices.json has no price ${table}.${name}`);
  return found.usd;
}

/** Returns all prices with their names, such as `perHour.natGateway`. */
export const allPrices = (of: Prices = prices): (Price & { readonly name: string })[] =>
  tables.flatMap((table) => Object.entries(of[table]).map(([name, each]) => ({ name: `${table}.${name}`, ...each })));

/** Lists prices without a source and without an explicit `checked: false`. */
export const faults = (of: Prices = prices): string[] =>
  allPrices(of).flatMap(({ name, usd, source, date, checked }) => {
    if (!(usd >= 0)) return [`${name} is no price`];
    const isCompared = source !== undefined && source in of.sources && /^\d{4}-\d\d-\d\d$/.test(date ?? "");
    return isCompared === (checked === false) ? [`${name} must say where it was compared, or "checked": false`] : [];
  });

export const hoursPerMonth = 730;
