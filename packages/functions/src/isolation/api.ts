import { Resource } from "sst";
import type { Endpoint } from "../api/endpoint.ts";
import { Api } from "../api/index.ts";
import { type ActorName, actorNames, aPerson, kinds, type Person } from "./actors.ts";
import { expectedOf } from "./expect.ts";
import { type Answered, type Finding, foreignText, judge, judgeTwins } from "./judge.ts";
import { bodies, constants, meanings, queries } from "./requests.ts";
import { type Ids, makeRows, unknownId, type World } from "./world.ts";

/** One call to make; it says what was found wrong, if anything. `count` is how many requests it sends. */
export interface Task {
  readonly count: number;
  readonly run: () => Promise<Finding[]>;
}

/** The schools of a run: the one that is called, and the other one. */
export interface Stage {
  readonly world: World;
  readonly other: World;
}

/** Names of the ids a request takes from the world, found by asking it to take them. */
export function idsOf(route: Endpoint): readonly string[] {
  const taken = new Set<string>();
  const spy: Ids = new Proxy(
    {},
    {
      get: (_, name) => {
        taken.add(String(name));
        return "x";
      },
    },
  );
  bodies[route.name]?.(spy);
  queries[route.name]?.(spy);
  for (const param of route.params) if (!(param in constants)) taken.add(meanings[route.name]?.[param] ?? param);
  return [...taken];
}

/** Every operation as every actor against own, not entitled and the other school's rows. */
export function apiTasks(stage: Stage, endpoints: readonly Endpoint[] = Api.endpoints): Task[] {
  return endpoints.flatMap((route) => {
    if (route.body && !bodies[route.name]) return [missing(route)];
    if (route.on === "platform") return [platformTask(stage, route)];
    return actorNames.flatMap((actor) => tasksOf(stage, route, actor));
  });
}

const missing = (route: Endpoint): Task => ({
  count: 0,
  run: async () => [
    {
      route: route.name,
      actor: "-",
      target: "-",
      expected: "a body to try it with",
      got: "none in requests.ts",
      isLeak: false,
    },
  ],
});

function platformTask(stage: Stage, route: Endpoint): Task {
  return {
    count: 1,
    run: async () => {
      const got = await ask(stage, route, "anonymous", undefined, stage.world.own, Resource.Platform.domain);
      return judge({ route: route.name, actor: "anonymous", target: "own", expected: "open" }, got);
    },
  };
}

function tasksOf(stage: Stage, route: Endpoint, actor: ActorName): Task[] {
  const names = idsOf(route);
  const targets = names.length > 0 ? (["own", "not entitled"] as const) : (["own"] as const);
  return [
    ...targets.map((target) => ({ count: 1, run: () => tryRows(stage, route, actor, target, names.length > 0) })),
    ...names.map((name) => ({ count: 2, run: () => trySwap(stage, route, actor, name) })),
  ];
}

async function tryRows(
  stage: Stage,
  route: Endpoint,
  actor: ActorName,
  target: "own" | "not entitled",
  hasRows: boolean,
): Promise<Finding[]> {
  const { world } = stage;
  const expected = expectedOf(route, actor, target, hasRows);
  const isWrite = route.method !== "get";
  // What may succeed and leaves a trace runs on rows of its own, so that no call depends on the one before it.
  const isFresh = isWrite && expected !== "refused";
  const person = isFresh && touchesSelf(route) ? await freshPerson(world, actor) : personOf(stage, actor);
  const base = isFresh && hasRows ? await freshRows(world, target) : target === "own" ? world.own : world.foreign;
  const sessionId = target === "own" ? (person?.sessionId ?? "none") : (world.foreign.sessionId ?? "none");
  const got = await ask(stage, route, actor, person, { ...base, sessionId });
  const findings = judge({ route: route.name, actor, target, expected }, got);
  const crossed = foreignText(stage, got.text, []);
  if (crossed)
    findings.push({
      route: route.name,
      actor,
      target,
      expected: "nothing of the other school",
      got: crossed,
      isLeak: true,
    });
  if (isWrite && !isFresh && got.status < 300) await renew(world, target);
  return findings;
}

/** Replaces one id by the other school's: the answer must equal that for an unknown id, byte for byte. */
async function trySwap(stage: Stage, route: Endpoint, actor: ActorName, name: string): Promise<Finding[]> {
  const { world, other } = stage;
  const person = personOf(stage, actor);
  const own = { ...world.own, sessionId: person?.sessionId ?? "none" };
  const theirs = { ...other.own, sessionId: other.people.learner.sessionId }[name] ?? "none";
  const ours = { ...own, [name]: theirs };
  const unknown = { ...own, [name]: unknownId(name) };
  const swapped = await ask(stage, route, actor, person, ours);
  const about = { route: route.name, actor, target: `other school (${name})` };
  const findings = judgeTwins(
    about,
    { ...swapped, ids: ours },
    { ...(await ask(stage, route, actor, person, unknown)), ids: unknown },
  );
  const crossed = foreignText(stage, swapped.text, [theirs]);
  if (crossed) findings.push({ ...about, expected: "nothing of the other school", got: crossed, isLeak: true });
  if (route.method !== "get" && swapped.status < 300) await renew(world, "own");
  return findings;
}

/** These change the caller: sessions, password, profile. */
const touchesSelf = (route: Endpoint): boolean => route.tag === "Me" || route.path === "/role-requests";

const freshPerson = async (world: World, actor: ActorName): Promise<Person | undefined> =>
  actor === "anonymous" || actor === "stranger" ? undefined : aPerson(world.school, kinds[actor].roles, actor);

export const freshRows = (world: World, target: "own" | "not entitled"): Promise<Ids> =>
  makeRows(
    world.school,
    world.canary,
    target === "own" ? { published: true, people: world.people } : { published: false },
  );

export async function renew(world: World, target: "own" | "not entitled"): Promise<void> {
  const rows = await freshRows(world, target);
  if (target === "own") world.own = rows;
  else world.foreign = { ...rows, sessionId: world.foreign.sessionId ?? "none" };
}

export function personOf({ world, other }: Stage, actor: ActorName): Person | undefined {
  if (actor === "anonymous") return undefined;
  return actor === "stranger" ? other.people.owner : world.people[actor];
}

async function ask(
  { world }: Stage,
  route: Endpoint,
  actor: ActorName,
  person: Person | undefined,
  ids: Ids,
  host = `${world.school.slug}.${Resource.Platform.domain}`,
): Promise<Answered> {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(constants[name] ?? ids[meanings[route.name]?.[name] ?? name] ?? "none"),
  );
  const query = new URLSearchParams((queries[route.name]?.(ids) ?? {}) as Record<string, string>);
  const body = bodies[route.name]?.(ids);
  const response = await Api.app().request(`http://${host}/api/v1${path}${query.size > 0 ? `?${query}` : ""}`, {
    method: route.method.toUpperCase(),
    headers: {
      host,
      "x-lectern-local": `${Resource.LocalCloud?.localKey}:isolation`,
      "x-forwarded-for": `isolation-${actor}`,
      ...(person ? { authorization: `Bearer ${person.token}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}
