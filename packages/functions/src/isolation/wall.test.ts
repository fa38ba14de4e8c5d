import { withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { log } from "@lectern/core/kernel/log";
import { Permission } from "@lectern/core/kernel/permission";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Api, type Endpoint } from "../api/index.ts";
import type { Stage } from "./api.ts";
import { Isolation } from "./index.ts";
import { bodies, constants, meanings, queries } from "./requests.ts";

// The second wall. Every permission is switched off and every statement is sent to the other school's tables, as a bug
// in the application would: the role that the transaction runs under must not reach them, so no call may succeed.

const level = log.level;
beforeAll(() => {
  log.level = "silent"; // each refusal of the database is a logged bug, and here there are many
  for (const { name } of Api.endpoints) Permission.plant(name);
});
afterAll(() => {
  log.level = level;
  Permission.unplant();
});

const ask = async ({ world, other }: Stage, route: Endpoint) => {
  const ids: Record<string, string> = { ...other.own, sessionId: other.people.learner.sessionId };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(constants[name] ?? ids[meanings[route.name]?.[name] ?? name] ?? "none"),
  );
  const query = new URLSearchParams((queries[route.name]?.(ids) ?? {}) as Record<string, string>);
  const body = bodies[route.name]?.(ids);
  const host = `${world.school.slug}.${Resource.Platform.domain}`;
  const response = await Api.app().request(`http://${host}/api/v1${path}${query.size > 0 ? `?${query}` : ""}`, {
    method: route.method.toUpperCase(),
    headers: {
      host,
      authorization: `Bearer ${world.people.owner.token}`,
      "x-lectern-local": Resource.LocalCloud?.localKey ?? "",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    text: await response.text(),
    statements: response.headers.get("x-lectern-queries"),
  };
};

/** The same call inside a transaction of this school whose statements find the other school's schema first. */
const astray = (stage: Stage, route: Endpoint) => {
  const { world, other } = stage;
  return withActor({ type: "system", school: world.school, requestId: "wall-of-the-database", reason: "test" }, () =>
    Db.use(async (tx) => {
      await tx.execute(sql`select set_config('search_path', ${other.school.schema}, true)`);
      return ask(stage, route);
    }).catch((error: unknown) => ({ status: 500, text: String(error) })),
  );
};

/** Their rows lie in DynamoDB or nowhere: keys and storage paths that begin with the school are their wall. */
const withoutSql = [
  "GET /domains",
  "GET /me/sessions",
  "GET /notifications",
  "GET /notifications/unread",
  "GET /school",
  "POST /courses/{courseId}/assets",
  "POST /imports",
  "POST /notifications/read",
  "POST /school/logo",
];

test("with every check off, the database refuses each call that is sent to another school's tables", async () => {
  await Isolation.withStage(async (stage) => {
    const routes = Api.endpoints.filter(({ on }) => on === "school");
    const passed: string[] = [];
    let refused = 0;
    for (const route of routes) {
      const { status, text } = await astray(stage, route);
      expect(text).not.toContain(stage.other.canary);
      if (status < 400) passed.push(route.name);
      else if (status === 500) refused++;
    }
    expect(passed.sort()).toEqual(withoutSql);
    expect(refused).toBeGreaterThan(60);
  });
}, 600_000);
