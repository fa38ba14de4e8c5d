import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../synth/paths.ts";

export interface Price {
  readonly usd: number;
  /** Where it was compared, by its name in `sources`, and of when that is. */
  readonly source?: string;
  readonly date?: string;
  /** False: nobody has found anything to compare it with. */
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

/** A price by its name, in US dollars. One that is missing stops the script: nothing is free because nobody looked it up. */
export function price(table: Table, name: string): number {
  const found = prices[table][name];
  if (found === undefined) throw new Error(`infra/prices.json has no price ${table}.${name}`);
  return found.usd;
}

/** Every price, as `perHour.natGateway`. */
export const allPrices = (of: Prices = prices): (Price & { readonly name: string })[] =>
  tables.flatMap((table) => Object.entries(of[table]).map(([name, each]) => ({ name: `${table}.${name}`, ...each })));

/** What is wrong with the table itself: a price that says neither where it was compared nor that it was not. */
export const faults = (of: Prices = prices): string[] =>
  allPrices(of).flatMap(({ name, usd, source, date, checked }) => {
    if (!(usd >= 0)) return [`${name} is no price`];
    const isCompared = source !== undefined && source in of.sources && /^\d{4}-\d\d-\d\d$/.test(date ?? "");
    return isCompared === (checked === false) ? [`${name} must say where it was compared, or "checked": false`] : [];
  });

export const hoursPerMonth = 730;
