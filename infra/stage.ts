import { asked, contentDomainAsked, domainAsked } from "./asked.ts";

export type StageKind = "production" | "staging" | "preview" | "personal";

/**
 * Optional parts: `LECTERN_FLAGS=dax,shield npx sst deploy --stage production`.
 * dax: a cache in front of the tables. shield: Shield Advanced, a yearly commitment. auroraGlobal and tableReplicas:
 * database and tables in the second region.
 */
export const flagNames = ["dax", "shield", "auroraGlobal", "tableReplicas"] as const;
export type Flag = (typeof flagNames)[number];

/**
 * Regions for page servers: those whose location the edge knows and where SST takes functions. The number is the second
 * octet there (10.<number>.0.0/16); changing it would replace the network.
 */
export const webRegions = {
  "af-south-1": 16,
  "ap-east-1": 17,
  "ap-northeast-1": 18,
  "ap-northeast-2": 19,
  "ap-northeast-3": 20,
  "ap-south-1": 21,
  "ap-southeast-1": 22,
  "ap-southeast-2": 23,
  "ap-southeast-3": 24,
  "ca-central-1": 25,
  "eu-central-1": 26,
  "eu-north-1": 27,
  "eu-south-1": 28,
  "eu-west-1": 29,
  "eu-west-2": 30,
  "eu-west-3": 31,
  "me-south-1": 32,
  "sa-east-1": 33,
  "us-east-1": 34,
  "us-east-2": 35,
  "us-west-1": 36,
  "us-west-2": 37,
} as const;
export type WebRegion = keyof typeof webRegions;

export interface Stage {
  readonly kind: StageKind;
  readonly removal: "retain" | "remove";
  readonly protect: boolean;
  readonly region: string;
  /**
   * Regions of page servers, the stage's own first; the edge selects the nearest (docs/adr/0010-pages-at-the-edge.md).
   */
  readonly webRegions: readonly WebRegion[];
  /** Region of backups and replicas; undefined for none. */
  readonly secondRegion: string | undefined;
  readonly domain: string;
  /** Domain for opened packages: foreign scripts need a registrable domain that shares no cookie with ours. */
  readonly contentDomain: string;
  /**
   * Each cell is a database and a table (database.ts, tables.ts). The first is `cell-1`. A deployment deletes a removed
   * cell, so move its schools first (docs/runbook.md, "Take a cell away").
   */
  readonly cells: readonly string[];
  /** Has parts with a fixed monthly price: proxy, load balancer, bastion, interface endpoints. */
  readonly standing: boolean;
  readonly aurora: { readonly minAcu: number; readonly maxAcu: number; readonly readers: number };
  readonly pointInTimeDays: number;
  /** Parts too expensive to enable by default. */
  readonly flags: Readonly<Record<Flag, boolean>>;
  readonly concurrency: { readonly api: number; readonly web: number; readonly reaction: number };
  /** API domains with their own function (api.ts). */
  readonly split: readonly string[];
  readonly workspace: { readonly min: number; readonly max: number };
  /** Monthly budget in US dollars. */
  readonly budgetUsd: number;
}

export const firstCell = "cell-1";

const small = { minAcu: 0, maxAcu: 2, readers: 0 };

/** A temporary stage: a pull request's or a person's. */
const passing: Omit<Stage, "kind" | "domain" | "contentDomain" | "flags" | "split"> = {
  removal: "remove",
  protect: false,
  region: "us-east-1",
  webRegions: ["us-east-1"],
  secondRegion: undefined,
  cells: [firstCell],
  standing: false,
  aurora: small,
  pointInTimeDays: 1,
  concurrency: { api: 10, web: 10, reaction: 2 },
  workspace: { min: 0, max: 0 },
  budgetUsd: 100,
};

const stages: Record<StageKind, Omit<Stage, "kind" | "domain" | "contentDomain" | "flags" | "split">> = {
  production: {
    removal: "retain",
    protect: true,
    region: "us-east-1",
    webRegions: ["us-east-1"],
    secondRegion: "us-west-2",
    cells: [firstCell],
    standing: true,
    aurora: { minAcu: 1, maxAcu: 32, readers: 1 },
    pointInTimeDays: 35,
    concurrency: { api: 200, web: 300, reaction: 10 },
    workspace: { min: 1, max: 2 },
    budgetUsd: 2_500,
  },
  staging: {
    removal: "retain",
    protect: true,
    region: "us-east-1",
    webRegions: ["us-east-1"],
    secondRegion: undefined,
    cells: [firstCell],
    standing: true,
    aurora: { minAcu: 0.5, maxAcu: 4, readers: 1 },
    pointInTimeDays: 7,
    concurrency: { api: 50, web: 50, reaction: 5 },
    workspace: { min: 1, max: 2 },
    budgetUsd: 700,
  },
  preview: passing,
  personal: passing,
};

const kindOf = (stage: string): StageKind =>
  stage === "production" || stage === "staging" ? stage : /^(preview|pr-\d+)$/.test(stage) ? "preview" : "personal";

/**
 * Returns a stage's settings: `production`, `staging`, `pr-<number>`, `preview`; any other name is a personal stage.
 */
export function stageOf(name: string): Stage {
  const kind = kindOf(name);
  const apex = domainAsked();
  const content = contentDomainAsked();
  const of = (domain: string) => (kind === "production" ? domain : `${name}.${domain}`);
  const split = (process.env.LECTERN_SPLIT ?? "").split(",").filter(Boolean);
  const sized = stages[kind];
  const webRegions = webRegionsOf(process.env.LECTERN_WEB_REGIONS, sized);
  const cells = cellsOf(process.env.LECTERN_CELLS, sized.cells);
  return { kind, domain: of(apex), contentDomain: of(content), flags: flagsOf(), split, ...sized, webRegions, cells };
}

/** Resource names contain the cell's name, so only `cell-1` to `cell-99` are accepted. */
function cellsOf(named: string | undefined, set: readonly string[]): readonly string[] {
  const cells = named === undefined ? set : named.split(",").map((each) => each.trim());
  const malformed = cells.find((each) => !/^cell-[1-9][0-9]?$/.test(each));
  const twice = cells.find((each, index) => cells.indexOf(each) !== index);
  if (cells.join("") === "")
    throw new Error(`a stage has at least one cell, and its first is ${firstCell}: none is named`);
  if (malformed !== undefined)
    throw new Error(`"${malformed}" is no name of a cell: they are called ${firstCell} to cell-99`);
  if (twice !== undefined) throw new Error(`${twice} is named twice among the cells`);
  if (cells[0] !== firstCell)
    throw new Error(
      `the first of the cells is ${firstCell}, not ${cells[0]}: its database and table cannot be left out`,
    );
  return cells;
}

const isWebRegion = (name: string): name is WebRegion => Object.hasOwn(webRegions, name);

/** Regions of page servers, from the variable or the stage. Visitors from unknown places get the first. */
function webRegionsOf(
  named: string | undefined,
  { region, standing, webRegions: usual }: Pick<Stage, "region" | "standing" | "webRegions">,
): readonly WebRegion[] {
  const refuse = (why: string) => new Error(`LECTERN_WEB_REGIONS: ${why}`);
  const wanted = named ? named.split(",").map((each) => each.trim()) : usual;
  const regions = wanted.filter(isWebRegion);
  const unknown = wanted.find((each) => !isWebRegion(each));
  if (unknown !== undefined)
    throw refuse(
      `"${unknown}" is no region that the pages' server can stand in: ${Object.keys(webRegions).join(", ")}`,
    );
  const twice = regions.find((each, index) => regions.indexOf(each) !== index);
  if (twice) throw refuse(`${twice} is named twice`);
  const home = regions.find((each) => each === region);
  if (!home) throw refuse(`${region} is missing, where the stage itself is`);
  if (regions.length > 1 && !standing)
    throw refuse("only staging and production stand in more than one region: each more costs by the month");
  return [home, ...regions.filter((each) => each !== home)];
}

function flagsOf(): Readonly<Record<Flag, boolean>> {
  const wanted = (asked("LECTERN_FLAGS") ?? "").split(",").filter(Boolean);
  const unknown = wanted.find((each) => !flagNames.some((name) => name === each));
  if (unknown) throw new Error(`LECTERN_FLAGS knows no ${unknown}: it takes ${flagNames.join(", ")}`);
  const on = (name: Flag) => wanted.includes(name);
  return {
    dax: on("dax"),
    shield: on("shield"),
    auroraGlobal: on("auroraGlobal"),
    tableReplicas: on("tableReplicas"),
  };
}
