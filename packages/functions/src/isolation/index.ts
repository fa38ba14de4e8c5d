import { DomainError } from "@lectern/core/kernel/error";
import { Permission } from "@lectern/core/kernel/permission";
import { Resource } from "sst";
import { Api } from "../api/index.ts";
import { apiTasks, type Stage, type Task } from "./api.ts";
import type { Finding } from "./judge.ts";
import { type Site, siteTasks } from "./site.ts";
import { closeWorld, openWorld } from "./world.ts";

export type { Site, SiteRoute } from "./site.ts";

export interface Options {
  /** The built pages; without them only the API is called. */
  readonly site?: Site;
  /** "GET /courses/{courseId}": runs without its check, and must be found. */
  readonly plant?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Result {
  /** Operations, loaders and actions that were called. */
  readonly routes: number;
  readonly calls: number;
  readonly leaks: number;
  readonly findings: readonly {
    readonly route: string;
    readonly actor: string;
    readonly target: string;
    readonly expected: string;
    readonly got: string;
  }[];
}

/**
 * Opens two throwaway schools on a local stage, calls everything as everyone, and deletes them again.
 * A leak is an answer to somebody who is not entitled to it, or one that tells another school's row from no row.
 * Findings also name what was refused although it is allowed, and what broke.
 * @throws DomainError forbidden `stage.not_local`, invalid `route.unknown`
 */
export async function check(options: Options = {}): Promise<Result> {
  const { plant } = options;
  if (plant !== undefined && !Api.endpoints.some(({ name }) => name === plant)) {
    const message = `There is no operation "${plant}". Name it as in the OpenAPI document: "GET /courses/{courseId}".`;
    throw new DomainError("invalid", "route.unknown", message, { plant: message });
  }
  return withStage((stage) => runOn(stage, options));
}

/** Two schools with people and rows, for the time of the work. */
export async function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  if (Resource.App.stage !== "local") {
    throw new DomainError("forbidden", "stage.not_local", "The isolation check is for local stages only.");
  }
  const opened = await Promise.allSettled([openWorld("One"), openWorld("Other")]);
  const worlds = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  try {
    const [world, other] = worlds;
    for (const each of opened) if (each.status === "rejected") throw each.reason;
    if (!world || !other) throw new Error("two schools were opened and are not there");
    return await work({ world, other });
  } finally {
    await Promise.all(worlds.map(closeWorld));
  }
}

/** Calls under way at one time: more than the machine has cores only makes each of them slower. */
const atOnce = 4;

interface Some {
  /** The operation to try, where not all of them. */
  readonly only?: string;
  /** Makes no further call once a leak is found: for who asks whether there is any. */
  readonly isOneEnough?: boolean;
}

/** Makes the calls. */
export async function runOn(stage: Stage, options: Options & Some = {}): Promise<Result> {
  const { plant, only, onProgress, site, isOneEnough = false } = options;
  const endpoints = Api.endpoints.filter(({ name }) => only === undefined || name === only);
  const tasks: Task[] = [...apiTasks(stage, endpoints), ...(site ? siteTasks(stage, site) : [])];
  const calls = tasks.reduce((sum, task) => sum + task.count, 0);
  const waiting = [...tasks];
  const found: Finding[] = [];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      found.push(...(await task.run()));
      if (isOneEnough && found.some(({ isLeak }) => isLeak)) waiting.length = 0;
      done += task.count;
      onProgress?.(done, calls);
    }
  };
  try {
    if (plant !== undefined) Permission.plant(plant);
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    Permission.unplant();
  }
  found.sort((a, b) => a.route.localeCompare(b.route) || a.actor.localeCompare(b.actor));
  return {
    routes: endpoints.length + (site ? countOf(site) : 0),
    calls,
    leaks: found.filter(({ isLeak }) => isLeak).length,
    findings: found.map(({ isLeak: _, ...finding }) => finding),
  };
}

/** Loaders and actions. */
const countOf = ({ routes }: Site): number =>
  routes.reduce((sum, { hasLoader, hasAction }) => sum + Number(hasLoader) + Number(hasAction), 0);

export * as Isolation from "./index.ts";
