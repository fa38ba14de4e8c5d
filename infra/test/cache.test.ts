import path from "node:path";
import { createId } from "@lectern/core/kernel/id";
import { Course } from "@lectern/core/learn/course";
import { Api } from "@lectern/functions/api";
import { reactions } from "@lectern/functions/event";
import { Isolation } from "@lectern/functions/isolation";
import { School } from "@lectern/tenants/school";
import { asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Graph } from "../synth/graph.ts";
import { root } from "../synth/paths.ts";
import { type Served, serveBundle } from "./bundle.ts";
import { type Answer, type Cdn, cdnOf, type Origin } from "./cdn.ts";
import { edgeRequest, edgeSource } from "./edge.ts";
import { graphOf } from "./graphs.ts";

// The deployed cache with its own keys and edge code, in front of the pages' bundle and the API on the local cloud.
// Every cached answer must suit every visitor.
const graph = graphOf("production");
const domain = Resource.Platform.domain;

let site: Served;
beforeAll(async () => {
  const bundle = graph.bundles.find(({ name }) => /^WebServer/.test(name));
  if (!bundle) throw new Error("production has no bundle of the pages' server");
  site = await serveBundle(bundle, { env: { SST_RESOURCES_JSON: process.env.SST_RESOURCES_JSON ?? "" } });
});
afterAll(() => site.stop());

const api = Api.app();

/** Pages from the bundle, the API from its app; the edge's secret is the local one. */
const origin: Origin = async (request, host) => {
  const query = new URLSearchParams(Object.entries(request.querystring).map(([name, { value }]) => [name, value]));
  const at = query.size > 0 ? `${request.uri}?${query}` : request.uri;
  const headers: Record<string, string> = {};
  for (const [name, { value }] of Object.entries(request.headers)) headers[name] = value;
  const cookies = Object.entries(request.cookies).map(([name, { value }]) => `${name}=${value}`);
  if (cookies.length > 0) headers.cookie = cookies.join("; ");
  headers["x-lectern-edge"] = Resource.LocalCloud?.localKey ?? "";
  // The matrix is one caller; its own rate limit bucket keeps it from being throttled.
  headers["x-lectern-local"] = `${Resource.LocalCloud?.localKey}:cache`;
  if (!request.uri.startsWith("/api")) return site.ask(at, { headers });
  const answer = await api.fetch(new Request(`http://${host}${at}`, { headers }));
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    cookies: answer.headers.getSetCookie(),
    body: await answer.text(),
  };
};

type Stage = Parameters<Parameters<typeof Isolation.withStage>[0]>[0];
type World = Stage["world"];
type Visitor = "anonymous" | "learner" | "owner";

/** Every readable page and operation, with this school's rows. */
async function addresses({ own }: World): Promise<{ pages: string[]; operations: string[] }> {
  // A computed name, because the build does not exist at compile time.
  const built = path.join(root, "packages/web/build/server/index.js");
  const build: { routes: Record<string, { path?: string; parentId?: string; module: object }> } = await import(built);
  const pathOf = (id: string | undefined): string => {
    const route = id === undefined ? undefined : build.routes[id];
    return route ? `${pathOf(route.parentId)}${route.path ? `/${route.path}` : ""}` : "";
  };
  const filled = (pattern: string) =>
    pattern
      .replaceAll(/[:{](\w+)\}?/g, (_, name: string) => encodeURIComponent(own[name] ?? "none"))
      .replace(/\*$/, own.fileName ?? "a");
  const pages = new Set<string>();
  for (const [id, { module }] of Object.entries(build.routes)) {
    if (!("loader" in module) && !("default" in module)) continue;
    const at = filled(pathOf(id)) || "/";
    pages.add(at);
    if ("default" in module) pages.add(`${at === "/" ? "/_root" : at}.data`);
  }
  const operations = Api.endpoints.filter(({ method }) => method === "get").map(({ path }) => filled(`/api/v1${path}`));
  return { pages: [...pages], operations: [...operations, "/api/v1/openapi.json", "/api/docs"] };
}

const hostOf = ({ school }: World) => `${school.slug}.${domain}`;

function headersOf({ people }: World, visitor: Visitor, isApi: boolean): Record<string, string> {
  if (visitor === "anonymous") return {};
  const person = people[visitor];
  return isApi
    ? { authorization: `Bearer ${person.token}` }
    : { cookie: `__Host-session=${person.cookie}; theme=dark` };
}

interface Outcome {
  readonly asked: number;
  /** Answers made for one visitor and given to another, or with another school's words. */
  readonly shared: string[];
  readonly keptCookies: number;
  readonly hits: ReadonlySet<string>;
}

/** Requests both schools' addresses as everyone, twice. A planted fault needs to be seen only once. */
async function walk(
  { world, other }: Stage,
  cdn: Cdn,
  made: Map<Answer, string>,
  { isOneEnough = false } = {},
): Promise<Outcome> {
  const shared: string[] = [];
  const hits = new Set<string>();
  let asked = 0;
  const keptCookies = () => cdn.kept().filter(({ cookies }) => cookies.length > 0).length;
  for (const round of [1, 2]) {
    for (const [at, foreign] of [
      [world, other],
      [other, world],
    ] as const) {
      const { pages, operations } = await addresses(at);
      for (const visitor of ["learner", "owner", "anonymous"] as const) {
        for (const path of [...pages, ...operations]) {
          const isApi = path.startsWith("/api");
          // Headers that only the edge may set; a client's values must have no effect.
          const forged = { "x-lectern-seat": "shared", "x-forwarded-host": hostOf(foreign) };
          const headers = { ...forged, ...headersOf(at, visitor, isApi) };
          const answer = await cdn.ask(edgeRequest(`http://${hostOf(at)}${path}`, { headers }));
          asked += 1;
          const asker = `${hostOf(at)} ${visitor}`;
          const label = `${visitor} ${path} (round ${round}, ${answer.result})`;
          const maker = [...made].find(([one]) => one.body === answer.body && one.headers === answer.headers)?.[1];
          if (maker !== asker) shared.push(`${label}: made for ${maker}`);
          if (answer.body.includes(foreign.canary)) shared.push(`${label}: holds words of the other school`);
          if (answer.result === "hit") hits.add(`${asker} ${path}`);
          if (isOneEnough && shared.length > 0) return { asked, shared, keptCookies: keptCookies(), hits };
        }
      }
    }
  }
  return { asked, shared, keptCookies: keptCookies(), hits };
}

/** A cache whose origin records for whom it made each answer. */
function observed(of: Graph = graph, code?: string, change: (answer: Answer) => Answer = (answer) => answer) {
  const made = new Map<Answer, string>();
  const who = (world: World, { headers, cookies }: Parameters<Origin>[0]): Visitor =>
    (["learner", "owner"] as const).find(
      (name) =>
        headers.authorization?.value === `Bearer ${world.people[name].token}` ||
        cookies["__Host-session"]?.value === world.people[name].cookie,
    ) ?? "anonymous";
  const cdnFor = ({ world, other }: Stage): Cdn =>
    cdnOf(
      of,
      async (request, host) => {
        const answer = change(await origin(request, host));
        made.set(answer, `${host} ${who(host === hostOf(world) ? world : other, request)}`);
        return answer;
      },
      code,
    );
  return { made, cdnFor };
}

const publicPages = ({ own }: World) => ["/", "/courses", `/courses/${own.courseSlug}`];

describe("two schools and a visitor, every address twice", () => {
  test("nothing is shared that is one person's or another school's, and no cookie is kept", async () => {
    await Isolation.withStage(async (stage) => {
      const { made, cdnFor } = observed();
      const outcome = await walk(stage, cdnFor(stage), made);
      expect(outcome.shared).toEqual([]);
      expect(outcome.keptCookies).toBe(0);
      expect(outcome.asked).toBeGreaterThan(600);
      // Only anonymous visitors get cached answers, and their second look at a public page always does.
      expect([...outcome.hits].filter((each) => !each.includes(" anonymous "))).toEqual([]);
      for (const world of [stage.world, stage.other]) {
        for (const path of publicPages(world)) expect(outcome.hits).toContain(`${hostOf(world)} anonymous ${path}`);
      }
    });
  }, 180_000);

  test("a key without the host would be seen", async () => {
    const planted = structuredClone(graph) as Graph;
    const policy = planted.resources.find(
      ({ type, name }) => type === "aws:cloudfront/cachePolicy:CachePolicy" && name.startsWith("Router"),
    );
    const parameters = policy?.inputs.parametersInCacheKeyAndForwardedToOrigin as {
      headersConfig: { headers: { items: string[] } };
    };
    parameters.headersConfig.headers.items = parameters.headersConfig.headers.items.filter(
      (each) => each !== "x-forwarded-host",
    );
    await Isolation.withStage(async (stage) => {
      const { made, cdnFor } = observed(planted);
      const { shared } = await walk(stage, cdnFor(stage), made, { isOneEnough: true });
      expect(shared.length).toBeGreaterThan(0);
    });
  }, 180_000);

  test("personal pages that claim to be public reach no other visitor, thanks to the unique key", async () => {
    const careless = (answer: Answer): Answer => ({
      ...answer,
      headers: { ...answer.headers, "cache-control": "public, s-maxage=60" },
    });
    const code = edgeSource(graph).replace(/if \(h\.authorization [^{]*\{/, "if (false) {");
    await Isolation.withStage(async (stage) => {
      const marked = observed(graph, undefined, careless);
      expect((await walk(stage, marked.cdnFor(stage), marked.made)).shared).toEqual([]);
      const unmarked = observed(graph, code, careless);
      const outcome = await walk(stage, unmarked.cdnFor(stage), unmarked.made, { isOneEnough: true });
      expect(outcome.shared.length).toBeGreaterThan(0);
    });
  }, 180_000);
});

test("a cookie that is set on a page which may be kept would be seen", async () => {
  await Isolation.withStage(async ({ world }) => {
    const cdn = cdnOf(graph, async (request, host) => ({ ...(await origin(request, host)), cookies: ["planted=1"] }));
    await cdn.ask(edgeRequest(`http://${hostOf(world)}/courses`));
    expect(cdn.kept().filter(({ cookies }) => cookies.length > 0)).toHaveLength(1);
  });
});

describe("a public page over time", () => {
  const visit = (cdn: Cdn, host: string, path = "/courses") => cdn.ask(edgeRequest(`http://${host}${path}`));

  test("a minute from the cache, ten more while it is renewed, then made anew", async () => {
    await Isolation.withStage(async ({ world }) => {
      const cdn = cdnOf(graph, origin);
      const at = async (seconds: number) => {
        cdn.now = seconds * 1000;
        return (await visit(cdn, hostOf(world))).result;
      };
      expect([await at(0), await at(1), await at(59)]).toEqual(["miss", "hit", "hit"]);
      expect([await at(61), await at(62)]).toEqual(["stale", "hit"]);
      expect([await at(61 + 659), await at(61 + 660 + 661)]).toEqual(["stale", "miss"]);
    });
  });

  test("of a hundred visitors in ten minutes, the school's server sees one a minute", async () => {
    await Isolation.withStage(async ({ world }) => {
      let made = 0;
      const cdn = cdnOf(graph, (request, host) => {
        made += 1;
        return origin(request, host);
      });
      for (let visitor = 0; visitor < 100; visitor += 1) {
        cdn.now = visitor * 6_000;
        await visit(cdn, hostOf(world));
      }
      expect(made).toBeLessThanOrEqual(10);
    });
  });

  test("a new edition invalidates all pages of its host at once, and no other host's", async () => {
    await Isolation.withStage(async ({ world, other }) => {
      const cdn = cdnOf(graph, origin);
      const both = async () => [
        (await visit(cdn, hostOf(world))).result,
        (await visit(cdn, hostOf(world), "/")).result,
        (await visit(cdn, hostOf(other))).result,
      ];
      expect(await both()).toEqual(["miss", "miss", "miss"]);
      expect(await both()).toEqual(["hit", "hit", "hit"]);
      cdn.store.set(`edition:${hostOf(world)}`, "2");
      expect(await both()).toEqual(["miss", "miss", "hit"]);
      expect(await both()).toEqual(["hit", "hit", "hit"]);
    });
  });
});

describe("a public page after a change", () => {
  /** The editions as the edge would read them. */
  const editions = {
    get: async (key: string) => {
      // Local hosts have a port, which the edge's hosts lack.
      const query = new URLSearchParams({ arn: Resource.EdgeStore.arn, key: key.replace(/:\d+$/, "") });
      const answer = await fetch(`${Resource.LocalCloud?.endpoints.cloudfrontKvs}/value?${query}`);
      return answer.ok ? answer.text() : undefined;
    },
  };
  const visit = (cdn: Cdn, host: string, path: string) => cdn.ask(edgeRequest(`http://${host}${path}`));
  const reaction = reactions.find(({ name }) => name === "edition-moved");

  /** Sends the message as the queue does; true when it was handled. */
  const tell = async (schoolId: string, type: string, told: number, data: object = {}): Promise<boolean> => {
    const record = {
      messageId: "1",
      attributes: { SentTimestamp: String(told), ApproximateReceiveCount: "1" },
      body: JSON.stringify({
        id: "1",
        source: "lectern.test",
        "detail-type": type,
        detail: {
          ...{ id: createId("event"), type, version: 1, schoolId, data },
          ...{ actor: { type: "system", id: null }, correlationId: "test", causationId: null },
          occurredAt: new Date(told).toISOString(),
        },
      }),
    };
    const answer = await reaction?.handler({ Records: [record] });
    return answer?.batchItemFailures.length === 0;
  };

  test("a course that is taken back is gone from its school's pages at once, and the other school's stay kept", async () => {
    await Isolation.withStage(async ({ world, other }) => {
      const cdn = cdnOf(graph, origin, undefined, editions);
      const link = `/courses/${world.own.courseSlug}`;
      for (const each of [world, other]) await visit(cdn, hostOf(each), "/courses");
      const kept = await visit(cdn, hostOf(world), "/courses");
      expect([kept.result, kept.body.includes(link)]).toEqual(["hit", true]);

      await asSystem(world.school, () => Course.unpublish({ courseId: world.own.courseId ?? "" }));
      // Without the reaction, the old page is still cached.
      expect((await visit(cdn, hostOf(world), "/courses")).body).toContain(link);
      await tell(world.school.schoolId, "course.unpublished", Date.now(), { courseId: "crs_1" });

      const fresh = await visit(cdn, hostOf(world), "/courses");
      expect([fresh.result, fresh.body.includes(link)]).toEqual(["miss", false]);
      expect((await visit(cdn, hostOf(world), "/courses")).result).toBe("hit");
      expect((await visit(cdn, hostOf(other), "/courses")).result).toBe("hit");
    });
  });

  test("a new name that the first visitor misses, because the pages remember the school, is there after the second move", async () => {
    await Isolation.withStage(async ({ world }) => {
      const cdn = cdnOf(graph, origin, undefined, editions);
      const home = () => visit(cdn, hostOf(world), "/courses");
      const isNew = async () => (await home()).body.includes("Turned School");
      expect(await isNew()).toBe(false);
      await asSystem(world.school, () => School.setBrand({ name: "Turned School" }));
      const told = Date.now();
      expect(await tell(world.school.schoolId, "school.brand_changed", told)).toBe(false);
      const [raced, again] = [await home(), await home()];
      // The race: a page of the new edition with the old name is cached.
      expect([raced.result, again.result]).toEqual(["miss", "hit"]);
      expect(again.body).not.toContain("Turned School");
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      try {
        // Time passes for the reaction and the page server alike.
        while (!(await tell(world.school.schoolId, "school.brand_changed", told))) {
          vi.setSystemTime(Date.now() + 1_000);
          await site.later(1_000);
        }
        expect(Date.now() - told).toBeGreaterThan(30_000);
        expect((await home()).body).toContain("Turned School");
        expect((await home()).result).toBe("hit");
      } finally {
        vi.useRealTimers();
      }
    });
  });
});
