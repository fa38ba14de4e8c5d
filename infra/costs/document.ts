import type { Graph } from "../synth/graph.ts";
import { months } from "./months.ts";
import { allPrices, prices } from "./prices.ts";
import { furtherCell, type Line, standing, total } from "./standing.ts";
import { farMetrics, farMillionPages, farStanding, monthly } from "./usage.ts";
import { idleLimitUsd } from "./verdict.ts";

const usd = (value: number): string => `$${Math.round(value).toLocaleString("en-US")}`;
const table = (lines: readonly Line[]) =>
  [...lines]
    .sort((a, b) => b.usd - a.usd)
    .map(({ what, usd: each }) => `| ${what} | ${each < 0.5 ? "< $1" : usd(each)} |`);

/** Reports how reliable the prices are. */
function pricesCompared(): string[] {
  const all = allPrices();
  const unchecked = all.filter(({ checked }) => checked === false).map(({ name }) => `\`${name}\``);
  const counts = Object.entries(prices.sources).map(([name, what]) => {
    const from = all.filter(({ source }) => source === name);
    const dates = [...new Set(from.map(({ date }) => date ?? ""))].sort();
    const when = dates.length > 1 ? `${dates[0]} to ${dates.at(-1)}` : dates[0];
    return `- ${from.length} (${when}): ${what}`;
  });
  return [
    `Of ${all.length} prices, ${all.length - unchecked.length} were compared with something:`,
    ...counts,
    unchecked.length > 0 ? `- Not compared with anything: ${unchecked.join(", ")}.` : "- None is left unchecked.",
  ];
}

/** Describes what schools far from the stage's region cost with a page server near them. */
function farRegion(production: Graph, regions: Graph): string[] {
  const lines = farStanding(production, regions);
  return [
    "## What one more region of the pages' server costs",
    "`LECTERN_WEB_REGIONS` ([ADR 0010](adr/0010-pages-at-the-edge.md)), whether anybody comes or not, at this table's prices; the",
    "dearest regions (Sydney, Cape Town, São Paulo) take up to half more.",
    "",
    "| what | a month |",
    "|---|---:|",
    ...table(lines),
    `| **all** | **${usd(total(lines))}** |`,
    "",
    `With visitors ${usd(farMetrics())} more for metrics, whose series are paid for in each region, and ${usd(farMillionPages())} for each million pages:`,
    "what a page reads crosses regions.",
    "",
  ];
}

export function costsDocument(graphs: readonly Graph[], regions: Graph): string {
  const production = graphs.find(({ stage }) => stage === "production");
  if (!production) throw new Error("production has not been evaluated");
  const all = Object.values(months);
  return `${[
    "# What it costs",
    "",
    "Written by `npm run costs` from the evaluated stages (`npm run synth`) and `infra/prices.json`; with `-- --check` it fails when it is out",
    `of date. Prices of ${prices.date}, ${prices.region}, US dollars a month. ${prices.source}`,
    "",
    ...pricesCompared(),
    "",
    "The script counts the graph's resources one by one; a type without a price fails it. Usage is computed from the months in",
    "`infra/costs/months.ts` and the estimates in `infra/costs/usage.ts`: right in magnitude, not to the dollar. Video",
    "(transcoding, live) and card fees come with those capabilities and are not included.",
    "",
    `| stage | ${all.map(({ title }) => title).join(" | ")} |`,
    `|---|${all.map(() => "---:|").join("")}`,
    ...graphs.map(
      (graph) => `| ${graph.stage} | ${all.map((month) => usd(total(monthly(graph, month)))).join(" | ")} |`,
    ),
    "",
    ...all.map(({ title, about }) => `- **${title}**: ${about}`),
    "",
    `A preview or a person's own stage over ${usd(idleLimitUsd)} idle fails \`npm run costs\`.`,
    ...all.flatMap((month) => [
      "",
      `## Production, ${month.title} month`,
      "| what | a month |",
      "|---|---:|",
      ...table(monthly(production, month)),
      `| **all** | **${usd(total(monthly(production, month)))}** |`,
    ]),
    "",
    "## What a preview costs idle",
    "| what | a month |",
    "|---|---:|",
    ...table(standing(graphs.find(({ stage }) => stage === "preview") ?? production).lines),
    "",
    "## What a further cell of production costs idle",
    "Schools in it cost what they cost in the first: this comes on top (`cells` in `infra/stage.ts`).",
    "",
    "| what | a month |",
    "|---|---:|",
    ...table(furtherCell(production)),
    `| **all** | **${usd(total(furtherCell(production)))}** |`,
    "",
    ...farRegion(production, regions),
    "## Where to save first",
    "- NAT gateways and interface endpoints are the largest hidden standing cost of production: one NAT gateway",
    "  instead of three saves two thirds and costs the independence of zones.",
    "- The database's least capacity is paid for day and night; lower it on staging at the price of a slower first minute.",
    "- Metrics are paid per series: each endpoint has five. A new dimension is a decision (docs/observability.md).",
  ].join("\n")}\n`;
}
