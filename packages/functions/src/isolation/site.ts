import { Resource } from "sst";
import { Api } from "../api/index.ts";
import { type ActorName, actorNames, aPerson, kinds, type Person } from "./actors.ts";
import { freshRows, personOf, renew, type Stage, type Task } from "./api.ts";
import { type Expected, expectedOf, scopeOf } from "./expect.ts";
import { type Answered, type Finding, foreignText, judge, judgeTwins } from "./judge.ts";
import { type Form, forms, loaders, type Policy, pageMeanings, platformPages } from "./pages.ts";
import { type Ids, unknownId } from "./world.ts";

/** The built pages, passed in by their loader, because this package does not import React. */
export interface Site {
  readonly routes: readonly SiteRoute[];
  readonly fetch: (request: Request) => Promise<Response>;
}

export interface SiteRoute {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly path: string | undefined;
  readonly isIndex: boolean;
  readonly hasLoader: boolean;
  readonly hasAction: boolean;
  /** False: it answers without a page, such as a file. */
  readonly hasPage: boolean;
}

/** One thing to ask of the pages: a loader, or one form of an action. */
interface Visit {
  readonly name: string;
  readonly route: SiteRoute;
  /** "/studio/courses/:courseId". */
  readonly pattern: string;
  readonly policy: Policy;
  readonly form: Form | undefined;
}

/** Every loader and every form as every actor. */
export function siteTasks(stage: Stage, site: Site): Task[] {
  const byId = new Map(site.routes.map((route) => [route.id, route]));
  const parents = new Set(site.routes.map(({ parentId }) => parentId));
  const tasks: Task[] = [];
  for (const route of site.routes) {
    const pattern = patternOf(route, byId);
    const key = parents.has(route.id) ? `${pattern} layout` : pattern;
    if (route.hasLoader) {
      const policy = loaders[key];
      if (policy === undefined) tasks.push(unknown(`GET ${key}`));
      else
        tasks.push(...visitTasks(stage, site, { name: `GET ${key} (page)`, route, pattern, policy, form: undefined }));
    }
    if (route.hasAction) {
      const known = forms[pattern];
      if (!known) tasks.push(unknown(`POST ${pattern}`));
      for (const form of known ?? []) {
        const name = `POST ${pattern} (form${form.intent ? ` ${form.intent}` : ""})`;
        tasks.push(...visitTasks(stage, site, { name, route, pattern, policy: form.policy, form }));
      }
    }
  }
  return tasks;
}

const unknown = (route: string): Task => ({
  count: 0,
  run: async () => [
    { route, actor: "-", target: "-", expected: "a policy in isolation/pages.ts", got: "none", isLeak: false },
  ],
});

function patternOf(route: SiteRoute, byId: ReadonlyMap<string, SiteRoute>): string {
  const parts: string[] = [];
  for (let at: SiteRoute | undefined = route; at; at = at.parentId === undefined ? undefined : byId.get(at.parentId)) {
    if (at.path) parts.unshift(at.path);
  }
  return `/${parts.join("/")}`;
}

const paramsOf = (pattern: string): string[] => [...pattern.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);

/** Names of the ids a visit takes, by asking for them. */
function idsOf(visit: Visit): readonly string[] {
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
  visit.form?.fields?.(spy);
  for (const name of paramsOf(visit.pattern)) taken.add(pageMeanings[visit.pattern]?.[name] ?? name);
  return [...taken];
}

function visitTasks(stage: Stage, site: Site, visit: Visit): Task[] {
  if (platformPages.has(visit.pattern)) {
    return [{ count: 1, run: () => tryPage(stage, site, visit, "anonymous", true, Resource.Platform.domain) }];
  }
  const names = idsOf(visit);
  return actorNames.flatMap((actor) => [
    { count: 1, run: () => tryPage(stage, site, visit, actor, true) },
    ...(names.length > 0 ? [{ count: 1, run: () => tryPage(stage, site, visit, actor, false) }] : []),
    ...names.map((name) => ({ count: 2, run: () => trySwap(stage, site, visit, actor, name) })),
  ]);
}

function expectation({ policy, pattern, form }: Visit, actor: ActorName, isOwn: boolean, hasRows: boolean): Expected {
  if (policy === "open") return "open";
  if (typeof policy === "function") return policy(actor, isOwn);
  // To the pages a cookie of another school is no cookie: its owner is a visitor.
  const seat = actor === "stranger" ? "anonymous" : actor;
  if (policy === "signed in") return seat === "anonymous" ? "refused" : "allowed";
  if ("needs" in policy) return policy.needs.some((each) => scopeOf(seat, each)) ? "allowed" : "refused";
  const route = Api.endpoints.find(({ name }) => name === policy.like);
  if (!route) throw new Error(`${pattern} ${form?.intent ?? ""} is like ${policy.like}, which does not exist`);
  return expectedOf(route, seat, isOwn ? "own" : "not entitled", hasRows);
}

async function tryPage(
  stage: Stage,
  site: Site,
  visit: Visit,
  actor: ActorName,
  isOwn: boolean,
  host?: string,
): Promise<Finding[]> {
  const { world } = stage;
  const hasRows = idsOf(visit).length > 0;
  const expected = expectation(visit, actor, isOwn, hasRows);
  const isFresh = visit.form !== undefined && expected !== "refused";
  const isNew = visit.form?.isSelf && actor !== "anonymous" && actor !== "stranger";
  const person = isNew ? await aPerson(world.school, kinds[actor].roles, actor) : personOf(stage, actor);
  const target = isOwn ? "own" : "not entitled";
  const rows = isFresh && hasRows ? await freshRows(world, target) : isOwn ? world.own : world.foreign;
  const sessionId = isOwn ? (person?.sessionId ?? "none") : (world.foreign.sessionId ?? "none");
  const got = await ask(stage, site, visit, person, { ...rows, sessionId }, host);
  // A page that sends somebody elsewhere has told nothing.
  const isElsewhere = visit.form === undefined && got.status === 303;
  const about = { route: visit.name, actor, target };
  const findings = isElsewhere ? [] : judge({ ...about, expected }, got);
  const crossed = foreignText(stage, got.text, []);
  if (crossed) findings.push({ ...about, expected: "nothing of the other school", got: crossed, isLeak: true });
  if (visit.form && !isFresh && got.status < 400) await renew(world, target);
  return findings;
}

async function trySwap(stage: Stage, site: Site, visit: Visit, actor: ActorName, name: string): Promise<Finding[]> {
  const { world, other } = stage;
  const person = personOf(stage, actor);
  // A form that takes no notice of the swapped id does its work on the others: each of the two on rows of its own.
  const mayWork = visit.form !== undefined && expectation(visit, actor, true, true) !== "refused";
  const rows = async (): Promise<Ids> => ({
    ...(mayWork ? await freshRows(world, "own") : world.own),
    sessionId: person?.sessionId ?? "none",
  });
  const [first, second] = [await rows(), await rows()];
  const theirs = { ...other.own, sessionId: other.people.learner.sessionId }[name] ?? "none";
  const nobodys = unknownId(name);
  // The name of a lesson within its course is no id: both schools have a first one.
  if (theirs === first[name]) return [];
  const ours = { ...first, [name]: theirs };
  const unknown = { ...second, [name]: nobodys };
  const swapped = await ask(stage, site, visit, person, ours);
  const about = { route: visit.name, actor, target: `other school (${name})` };
  const findings = judgeTwins(
    about,
    { ...swapped, ids: ours },
    { ...(await ask(stage, site, visit, person, unknown)), ids: unknown },
  );
  const crossed = foreignText(stage, swapped.text, [theirs]);
  if (crossed) findings.push({ ...about, expected: "nothing of the other school", got: crossed, isLeak: true });
  return findings;
}

/** Calls one loader alone, or sends one form, as the page's scripts do. */
async function ask(
  { world }: Stage,
  site: Site,
  { route, pattern, form }: Visit,
  person: Person | undefined,
  ids: Ids,
  host = `${world.school.slug}.${Resource.Platform.domain}`,
): Promise<Answered> {
  const path = pattern
    .replaceAll(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(ids[pageMeanings[pattern]?.[name] ?? name] ?? "none"),
    )
    .replace(/\*$/, pattern === "/*" ? "no-such-page" : (ids.fileName ?? "a"));
  const query = new URLSearchParams();
  if (route.hasPage && !form) query.set("_routes", route.id);
  const at = route.hasPage ? `${path === "/" ? "/_root" : path}.data` : path;
  const search = [...(form && route.isIndex ? ["index"] : []), ...(query.size > 0 ? [String(query)] : [])].join("&");
  const fields = form && { ...(form.intent ? { intent: form.intent } : {}), ...form.fields?.(ids) };
  const response = await site.fetch(
    new Request(`http://${host}${at}${search ? `?${search}` : ""}`, {
      method: form ? "POST" : "GET",
      redirect: "manual",
      headers: {
        host,
        "x-forwarded-host": host,
        "x-forwarded-for": "192.0.2.1",
        "x-request-id": "isolation-check",
        "x-lectern-local": `${Resource.LocalCloud?.localKey}:isolation`,
        ...(person ? { cookie: `__Host-session=${person.cookie}` } : {}),
        ...(form ? { origin: `http://${host}`, "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      ...(fields ? { body: String(new URLSearchParams(fields)) } : {}),
    }),
  );
  const text = await response.text();
  return { status: statusOf(response, text), text };
}

/** In the words of HTTP: being sent to sign in is 401, being sent anywhere else is 303. */
function statusOf(response: Response, text: string): number {
  const isRedirect = response.status === 202 || (response.status >= 300 && response.status < 400);
  if (!isRedirect) return response.status;
  const location = response.headers.get("location") ?? text;
  return location.includes("/auth/sign-in") ? 401 : 303;
}
