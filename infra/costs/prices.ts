import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../synth/paths.ts";

type Table = Readonly<Record<string, number>>;

export interface Prices {
  readonly date: string;
  readonly region: string;
  readonly source: string;
  readonly perMonth: Table;
  readonly perHour: Table;
  readonly perGbMonth: Table;
  readonly perGb: Table;
  readonly perMillion: Table;
  readonly perMinute: Table;
}

export const prices: Prices = JSON.parse(readFileSync(path.join(root, "infra/prices.json"), "utf8"));

/** A price by its name, in US dollars. One that is missing stops the script: nothing is free because nobody looked it up. */
export function price(table: keyof Omit<Prices, "date" | "region" | "source">, name: string): number {
  const found = prices[table][name];
  if (found === undefined) throw new Error(`infra/prices.json has no price ${table}.${name}`);
  return found;
}

export const hoursPerMonth = 730;
