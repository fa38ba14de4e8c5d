import { SchoolItem } from "@lectern/core/kernel/directory";
import { log } from "@lectern/core/kernel/log";
import { Metric } from "@lectern/core/kernel/metric";
import { Identity } from "@lectern/core/people/identity";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Visitor } from "../auth/visitor.ts";
import { crons } from "../cron/index.ts";
import { reactions } from "../event/reactions.ts";
import { createApp } from "./app.ts";
import { Api } from "./index.ts";
import { hostOf, signedIn, visitor } from "./testing/caller.ts";
import { parseOpenMetrics } from "./testing/openmetrics.ts";

interface Emf {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

const lines: Emf[] = [];
const level = log.level;
let stop: () => void;
beforeAll(() => {
  // Errors are counted where they are logged.
  log.level = "error";
  stop = Metric.onLine((line) => lines.push(JSON.parse(line)));
});
afterAll(() => {
  stop();
  log.level = level;
});

/** Returns the samples that `work` adds, read from the lines logged meanwhile; see `samplesOf`. */
async function added(work: () => Promise<unknown>): Promise<Emf[]> {
  Metric.flush();
  const from = lines.length;
  await work();
  Metric.flush();
  return lines.slice(from);
}

function samplesOf(all: readonly Emf[], metric: string, dimensions: Record<string, unknown> = {}): number[] {
  return all
    .filter((line) => Object.entries(dimensions).every(([name, value]) => line[name] === value))
    .flatMap((line) => (line[metric] ?? []) as number | number[])
    .flat();
}

const metricsOf = async (headers: Record<string, string>, host: string = Resource.Platform.domain) =>
  Api.app().request(`http://${host}/metrics`, {
    headers: { host, "x-lectern-local": Resource.LocalCloud?.localKey ?? "", ...headers },
  });
const operator = () => ({ authorization: `Bearer ${Resource.Secrets.values?.OperatorToken}` });

test("requests are counted by route, with their time and the sizes of both bodies", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const body = { title: "Algebra" };
  const length = { "content-length": String(JSON.stringify(body).length) };
  let size = 0;
  const seen = await added(async () => {
    const made = await call("POST /courses", { body, headers: length });
    size = (await call(`GET /courses/${made.body.id}`)).text.length;
    await call(`GET /courses/${made.body.id}`);
    await call("GET /no-such-thing");
  });
  const read = { endpoint: "GET /api/v1/courses/{courseId}" };
  expect(samplesOf(seen, "RequestCount", read)).toEqual([2]);
  expect(samplesOf(seen, "ErrorRate", read)).toEqual([0, 0]);
  expect(samplesOf(seen, "ResponseSize", read)).toEqual([size, size]);
  const times = samplesOf(seen, "ResponseTime", read);
  expect(times).toHaveLength(2);
  for (const ms of times) expect(ms).toBeGreaterThan(0);
  expect(samplesOf(seen, "RequestSize", { endpoint: "POST /api/v1/courses" })).toEqual([JSON.stringify(body).length]);
  // Unknown paths share one series.
  expect(samplesOf(seen, "RequestCount", { endpoint: "GET /api/v1/*" })).toEqual([1]);
});

test("lines are in CloudWatch's embedded format: one namespace, the stage in every set, at most 100 samples", async () => {
  const school = await aSchool();
  const call = visitor(school);
  const seen = await added(() => Promise.all(Array.from({ length: 130 }, () => call("GET /school"))));
  const ours = seen.filter(({ endpoint }) => endpoint === "GET /api/v1/school");
  expect(samplesOf(ours, "RequestCount")).toEqual([100, 30]);
  expect(samplesOf(ours, "ResponseTime")).toHaveLength(130);
  for (const line of seen) {
    const [told, ...more] = line._aws.CloudWatchMetrics;
    expect([told?.Namespace, more]).toEqual(["Lectern", []]);
    expect(Math.abs(Date.now() - line._aws.Timestamp)).toBeLessThan(60_000);
    for (const set of told?.Dimensions ?? []) {
      expect(set[0]).toBe("stage");
      for (const name of set) expect(line[name]).toEqual(expect.any(String));
    }
    for (const { Name, Unit } of told?.Metrics ?? []) {
      const values = [line[Name]].flat();
      expect(["Count", "Percent", "Milliseconds", "Bytes"]).toContain(Unit);
      expect(values.length).toBeLessThanOrEqual(100);
      for (const value of values) expect(value).toEqual(expect.any(Number));
    }
  }
});

test("a bug counts as an error of its class at its route, and as a failed response", async () => {
  const school = await aSchool();
  const [some] = Api.endpoints.filter(({ name }) => name === "GET /school");
  if (!some) throw new Error("there is no such route");
  class PlantedError extends Error {
    override readonly name = "PlantedError";
  }
  const broken = { ...some, run: () => Promise.reject(new PlantedError("planted")) };
  const app = createApp([broken]);
  const host = hostOf(school);
  const seen = await added(() => Promise.resolve(app.request(`http://${host}/api/v1/school`, { headers: { host } })));
  const about = { type: "PlantedError", severity: "error", endpoint: "GET /api/v1/school" };
  expect(samplesOf(seen, "ErrorCount", about)).toEqual([1]);
  expect(samplesOf(seen, "ErrorRate", { endpoint: about.endpoint })).toEqual([100]);
  const sets = seen.find((line) => "ErrorCount" in line)?._aws.CloudWatchMetrics[0]?.Dimensions;
  expect(sets).toEqual([
    ["stage"],
    ["stage", "type", "severity", "endpoint"],
    ["stage", "type"],
    ["stage", "severity"],
    ["stage", "endpoint"],
  ]);
});

test("an unavailable service counts as an error without a log line; refusals and suspended schools do not", async () => {
  const school = await aSchool();
  const [some] = Api.endpoints.filter(({ name }) => name === "GET /school");
  if (!some) throw new Error("there is no such route");
  const { DomainError } = await import("@lectern/core/kernel/error");
  const away = { ...some, run: () => Promise.reject(new DomainError("unavailable", "database.busy", "Later.")) };
  const host = hostOf(school);
  const failed = await added(() =>
    Promise.resolve(createApp([away]).request(`http://${host}/api/v1/school`, { headers: { host } })),
  );
  expect(samplesOf(failed, "ErrorCount", { type: "Http503", endpoint: "GET /api/v1/school" })).toEqual([1]);
  const refused = await added(() => visitor(school)("GET /me"));
  expect(samplesOf(refused, "ErrorRate", { endpoint: "GET /api/v1/me" })).toEqual([0]);
  const closed = await aSchool();
  await SchoolItem().patch({ schoolId: closed.schoolId }).set({ state: "suspended" }).go();
  const suspended = await added(async () => expect((await visitor(closed)("GET /school")).status).toBe(503));
  expect(samplesOf(suspended, "ErrorRate")).toEqual([0]);
  expect(samplesOf(suspended, "ErrorCount")).toEqual([]);
});

test("sign-ups, sign-ins, enrollments, opened and finished lessons and publications are counted", async () => {
  const school = await aSchool();
  const teacher = await signedIn(school, ["instructor"]);
  const { body: course } = await teacher.call("POST /courses", { body: { title: "Algebra" } });
  const { body: module } = await teacher.call(`POST /courses/${course.id}/modules`, { body: { title: "One" } });
  const { body: lesson } = await teacher.call(`POST /modules/${module.id}/lessons`, {
    body: { title: "Begin", source: "Text", status: "published" },
  });
  const learner = await signedIn(school, ["learner"]);
  const password = "four plain unrelated words";
  await asSystem(school, () =>
    Identity.create({ email: "ada@example.test", givenName: "Ada", password, notify: false }),
  );
  const steps: Record<string, () => Promise<unknown>> = {
    signed_up: () =>
      visitor(school)("POST /registration", { body: { email: "new@example.test", password, givenName: "New" } }),
    signed_in: () => new Visitor(school).tokens("ada@example.test", password),
    course_published: () => teacher.call(`POST /courses/${course.id}/publish`),
    enrolled: () => learner.call("POST /enrollments", { body: { courseId: course.id } }),
    lesson_opened: () =>
      learner.call(`POST /courses/${course.id}/progress`, { body: { lessonId: lesson.id, kind: "opened" } }),
  };
  for (const [activity, step] of Object.entries(steps)) {
    const seen = await added(step);
    expect([activity, samplesOf(seen, "UserActivity", { activity })]).toEqual([activity, [1]]);
    expect([activity, samplesOf(seen, "UserActivity")]).toEqual([activity, [1]]);
  }
  const done = () =>
    learner.call(`POST /courses/${course.id}/progress`, { body: { lessonId: lesson.id, kind: "done" } });
  const first = await added(done);
  expect(samplesOf(first, "UserActivity", { activity: "lesson_done" })).toEqual([1]);
  expect(samplesOf(first, "UserActivity", { activity: "course_completed" })).toEqual([1]);
  expect(samplesOf(await added(done), "UserActivity")).toEqual([]);
  const refused = await added(() => learner.call("POST /enrollments", { body: { courseId: course.id } }));
  expect(samplesOf(refused, "UserActivity")).toEqual([]);
});

test("the sign-in host is counted by its routes", async () => {
  const school = await aSchool();
  const seen = await added(async () => {
    await new Visitor(school).begin();
    await new Visitor(school).go("/no-such-page/7");
  });
  expect(samplesOf(seen, "RequestCount", { endpoint: "GET auth/authorize" })).toEqual([1]);
  expect(samplesOf(seen, "RequestCount", { endpoint: "GET auth/*" })).toEqual([1]);
});

test("consumers and schedules are counted and timed, and their failures are errors", async () => {
  const [reaction] = reactions;
  if (!reaction) throw new Error("there are no reactions");
  const seen = await added(async () => {
    await reaction.handler({ Records: [{ messageId: "1", body: "not an event" }] });
    await crons.find(({ name }) => name === "unpark")?.handler();
  });
  const job = `consumer ${reaction.name}`;
  expect(samplesOf(seen, "JobErrorRate", { job })).toEqual([100]);
  expect(samplesOf(seen, "ErrorCount", { endpoint: job, type: "SyntaxError" })).toEqual([1]);
  expect(samplesOf(seen, "JobErrorRate", { job: "cron unpark" })).toEqual([0]);
  expect(samplesOf(seen, "JobTime", { job: "cron unpark" })).toHaveLength(1);
  // The alarm on too few requests counts only requests.
  expect(samplesOf(seen, "RequestCount")).toEqual([]);
});

test("submissions and grades have their counters ready", async () => {
  const seen = await added(async () => {
    Metric.assignmentSubmission("first");
    Metric.assignmentSubmission("late");
    Metric.gradingOperation("graded");
  });
  expect(samplesOf(seen, "AssignmentSubmission", { kind: "late" })).toEqual([1]);
  expect(samplesOf(seen, "AssignmentSubmission")).toEqual([1, 1]);
  expect(samplesOf(seen, "GradingOperation", { operation: "graded" })).toEqual([1]);
});

test("no dimension contains an id, an address or a path", async () => {
  const school = await aSchool();
  await added(async () => {
    const { call, userId, email } = await signedIn(school, ["owner"]);
    await call(`GET /users/${userId}`);
    await call(`GET /nothing/${userId}/12345`);
    Metric.request({ endpoint: `GET /users/${userId}`, ms: 1, isError: false });
    Metric.request({ endpoint: `GET /users/${email}`, ms: 1, isError: false });
    Metric.request({ endpoint: "GET /orders/12", ms: 1, isError: false });
  });
  const values = new Set(
    lines.flatMap((line) =>
      line._aws.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions.flat().map((name) => String(line[name]))),
    ),
  );
  expect(values).toContain("GET /api/v1/users/{userId}");
  expect(values).toContain("other");
  for (const value of values) expect(value).not.toMatch(/[a-z]{2,5}_[0-9a-z]{20}|@|\/\d|\d{4}/);
  for (let i = 0; i < 1_000; i++)
    Metric.request({ endpoint: `GET /made/up/${"x".repeat(i % 90)}`, ms: 1, isError: false });
  for (let i = 0; i < 1_000; i++)
    Metric.request({ endpoint: `GET /made/${i.toString(26).replaceAll(/\d/g, "q")}`, ms: 1, isError: false });
  expect(new Set([...Metric.all()].map(({ values: [first] }) => first)).size).toBeLessThan(450);
});

test("/metrics returns the same counters in the OpenMetrics format", async () => {
  const school = await aSchool();
  await visitor(school)("GET /school");
  const wanted = [...Metric.all()].find(
    ({ family, values }) => family === "request" && values[0] === "GET /api/v1/school",
  )?.totals;
  const answer = await metricsOf(operator());
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  const families = parseOpenMetrics(await answer.text());
  const of = (name: string) => families.find((family) => family.name === name);
  const at = (family: string, sample: string, labels: Record<string, string>) =>
    of(family)?.samples.find(
      (each) => each.name === sample && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
    )?.value;
  const endpoint = "GET /api/v1/school";
  expect(at("lectern_requests", "lectern_requests_total", { endpoint })).toBe(wanted?.get("RequestCount")?.sum);
  expect(at("lectern_response_time_seconds", "lectern_response_time_seconds_count", { endpoint })).toBe(
    wanted?.get("ResponseTime")?.count,
  );
  expect(at("lectern_response_time_seconds", "lectern_response_time_seconds_sum", { endpoint })).toBeCloseTo(
    (wanted?.get("ResponseTime")?.sum ?? 0) / 1_000,
    4,
  );
  expect(at("lectern_errors", "lectern_errors_total", { type: "PlantedError" })).toBe(1);
  expect(at("lectern_failed_requests", "lectern_failed_requests_total", { endpoint })).toBe(2);
  expect(at("lectern_user_activity", "lectern_user_activity_total", { activity: "enrolled" })).toBe(1);
  expect(families.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["lectern_request_size_bytes", "lectern_response_size_bytes", "lectern_job_time_seconds"]),
  );
});

// The parser above must refuse bad input, or it proves nothing.
test("the parser refuses invalid text", () => {
  const good = '# TYPE a counter\na_total{x="1"} 1\n';
  expect(parseOpenMetrics(`${good}# EOF\n`)).toHaveLength(1);
  for (const bad of [
    good,
    `${good}\n# EOF\n`,
    "# TYPE a counter\na 1\n# EOF\n",
    `${good}# TYPE b counter\nb_total 1\n# TYPE a counter\n# EOF\n`,
    '# TYPE a counter\na_total{x="1",} 1\n# EOF\n',
    '# TYPE a counter\na_total{x="a\\b"} 1\n# EOF\n',
    "# TYPE a counter\na_total one\n# EOF\n",
    "# TYPE a counter\na_total 1\na_total 2\n# EOF\n",
    "# TYPE a_time counter\n# UNIT a_time seconds\n# EOF\n",
    '# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# EOF\n',
    '# TYPE a histogram\na_bucket{le="1.0"} 1\na_count 1\na_sum 1\n# EOF\n',
  ])
    expect(() => parseOpenMetrics(bad), bad).toThrow();
});

test("/metrics is for operators, on the platform's own host", async () => {
  const school = await aSchool();
  const { token } = await signedIn(school, ["owner"]);
  for (const authorization of [
    undefined,
    "Bearer ",
    "Bearer wrong",
    `Bearer ${Resource.Secrets.values?.OperatorToken}x`,
    `Basic ${Resource.Secrets.values?.OperatorToken}`,
    `Bearer ${token}`,
    `Bearer ${Resource.Secrets.values?.SessionSecret}`,
  ]) {
    const answer = await metricsOf(authorization === undefined ? {} : { authorization });
    expect([authorization, answer.status, answer.headers.get("www-authenticate")?.slice(0, 6)]).toEqual([
      authorization,
      401,
      "Bearer",
    ]);
    expect(await answer.text()).not.toContain("lectern_");
  }
  for (const host of [hostOf(school), `auth.${Resource.Platform.domain}`, "somewhere.test"]) {
    const answer = await metricsOf(operator(), host);
    expect([host, answer.status]).toEqual([host, 404]);
    expect(await answer.text()).not.toContain("lectern_");
  }
  const post = await Api.app().request(`http://${Resource.Platform.domain}/metrics`, {
    method: "POST",
    headers: { host: Resource.Platform.domain, ...operator() },
  });
  expect(post.status).toBe(404);
});
