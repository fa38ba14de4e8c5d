import { RateLimit } from "@lectern/core/house/rate-limit";
import type { Route } from "@lectern/core/kernel/actor";
import { aSchool } from "@lectern/tenants/testing";
import fc from "fast-check";
import { Resource } from "sst";
import { expect, test } from "vitest";
import { Api } from "./index.ts";
import { anything, arbitraryOf, type JsonSchema } from "./testing/arbitrary.ts";
import { hostOf, signedIn, tokenOf } from "./testing/caller.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: JsonSchema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: JsonSchema }> };
  readonly responses: Record<string, unknown>;
  readonly "x-host"?: string;
  readonly tags: readonly string[];
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema> };
}

interface Asked {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly body: string | undefined;
  readonly headers: Record<string, string>;
  readonly isPlatform: boolean;
  readonly operation: Operation;
}

const requests = 10_000;
const atOnce = 20;
const seed = Number(process.env.LECTERN_SEED) || Date.now() % 2 ** 31;

/** Real ids by kind, so that many requests get past the lookup; created ones are added. */
class Known {
  private readonly byKind = new Map<string, string[]>();
  add(name: string, id: string): void {
    const ids = this.byKind.get(name) ?? [];
    this.byKind.set(name, [...ids.slice(-30), id]);
  }
  readonly of = (name: string): string | undefined => {
    const ids = this.byKind.get(name);
    return ids?.[Math.floor(Math.random() * ids.length)];
  };
  /** Collects every id of a response by prefix. */
  learn(text: string): void {
    for (const [id, prefix = ""] of text.matchAll(/\b([a-z]{3})_[0-9a-hjkmnp-tv-z]{26}\b/g)) {
      const name = kinds[prefix];
      if (name) this.add(name, id);
    }
  }
}
const kinds: Record<string, string> = {
  ast: "assetId",
  cat: "categoryId",
  crs: "courseId",
  imp: "importId",
  ver: "versionId",
  inv: "invitationId",
  les: "lessonId",
  mod: "moduleId",
  rrq: "roleRequestId",
};

const document = Api.document() as Document;
const resolve = (ref: string): JsonSchema => document.components.schemas[ref.slice(ref.lastIndexOf("/") + 1)] ?? {};

function requestsOf(known: Known): fc.Arbitrary<Asked> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      arbitrary: requestOf(path, method, operation, known),
      // Registration hashes passwords for a quarter of a second; weight favors the other operations.
      weight: operation.tags.includes("Registration") || operation.tags.includes("Platform") ? 1 : 6,
    })),
  );
  return fc.oneof(...all);
}

function requestOf(path: string, method: string, operation: Operation, known: Known): fc.Arbitrary<Asked> {
  const parameters = operation.parameters ?? [];
  const of = (place: Parameter["in"]) => parameters.filter((parameter) => parameter.in === place);
  const inPath = fc.record(
    Object.fromEntries(of("path").map(({ name, schema }) => [name, arbitraryOf(schema, name, known.of, resolve)])),
  );
  const inQuery = fc.record(
    Object.fromEntries(of("query").map(({ name, schema }) => [name, arbitraryOf(schema, name, known.of, resolve)])),
    { requiredKeys: [] },
  );
  const inHeaders = fc.record(
    Object.fromEntries(
      of("header").map(({ name }) => [
        name,
        fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('"1"', "*", 'W/"x"', "12345678")),
      ]),
    ),
    { requiredKeys: [] },
  );
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = schema === undefined ? fc.constant(undefined) : bodyOf(schema, known);
  const type = fc.oneof(
    { arbitrary: fc.constant("application/json"), weight: 30 },
    {
      arbitrary: fc.constantFrom(
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "application/json; charset=utf-16",
        "x",
      ),
      weight: 1,
    },
  );
  return fc.record({ inPath, inQuery, inHeaders, body, type }).map((values) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(values.inQuery)) query.append(name, textOf(value).slice(0, 4000));
    return {
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path: `${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segmentOf(values.inPath[name]))}${query.size ? `?${query}` : ""}`,
      body: values.body,
      headers: {
        ...headersOf(values.inHeaders),
        ...(values.body === undefined ? {} : { "content-type": values.type }),
      },
      isPlatform: operation["x-host"] === "platform",
      operation,
    };
  });
}

const bodyOf = (schema: JsonSchema, known: Known): fc.Arbitrary<string> =>
  fc.oneof(
    {
      arbitrary: arbitraryOf(schema, "", known.of, resolve).map((value) => JSON.stringify(value) ?? "null"),
      weight: 18,
    },
    { arbitrary: anything().map((value) => JSON.stringify(value) ?? "null"), weight: 1 },
    {
      arbitrary: fc.oneof(fc.string(), fc.constantFrom("", "{", '{"a":', '{"__proto__":{"x":1}}', "[".repeat(5000))),
      weight: 1,
    },
  );

const textOf = (value: unknown): string =>
  typeof value === "string" ? value.toWellFormed() : (JSON.stringify(value) ?? "");
/** Empty and dot segments would change the path in any encoding. */
function segmentOf(value: unknown): string {
  const text = textOf(value).slice(0, 300);
  return /^\.{0,2}$/.test(text) ? "none" : encodeURIComponent(text);
}
const headersOf = (headers: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      String(value)
        .replaceAll(/[^\x20-\x7e]/g, "")
        .trim(),
    ]),
  );

async function ask(asked: Asked, school: Route, token: string): Promise<{ status: number; text: string }> {
  const host = asked.isPlatform ? Resource.Platform.domain : hostOf(school);
  const response = await Api.app().request(`http://${host}/api/v1${asked.path}`, {
    method: asked.method,
    headers: {
      host,
      "x-lectern-local": Resource.LocalCloud?.localKey ?? "",
      ...(asked.isPlatform ? {} : { authorization: `Bearer ${token}` }),
      ...asked.headers,
    },
    ...(asked.body === undefined ? {} : { body: asked.body }),
  });
  return { status: response.status, text: await response.text() };
}

test(`${requests} malformed requests get no 5xx, and only answers that the document names (seed ${seed})`, async () => {
  RateLimit.forget();
  const school = await aSchool();
  const owner = await signedIn(school, ["owner", "instructor"]);
  const known = new Known();
  for (let i = 0; i < 6; i++) {
    const { body: course } = await owner.call("POST /courses", { body: { title: `Course ${i}` } });
    const { body: module } = await owner.call(`POST /courses/${course.id}/modules`, { body: { title: "One" } });
    const { body: lesson } = await owner.call(`POST /modules/${module.id}/lessons`, {
      body: { title: "A", source: "Text" },
    });
    if (i % 2 === 0) await owner.call(`POST /courses/${course.id}/publish`);
    known.learn(JSON.stringify([course, module, lesson]));
    known.add("userId", (await signedIn(school, ["learner"])).userId);
  }
  let token = owner.token;
  const statuses = new Map<number, number>();
  /** Retries when a row lock timed out; the third attempt must succeed. */
  const insist = async (asked: Asked, times = 3): Promise<{ status: number; text: string }> => {
    const answer = await ask(asked, school, token);
    const isBusy = answer.status === 503 && JSON.parse(answer.text).code === "database.conflict";
    if (!isBusy || times === 1) return answer;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return insist(asked, times - 1);
  };
  const check = async (asked: Asked): Promise<void> => {
    const { status, text } = await insist(asked);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 401 && !asked.isPlatform) token = await tokenOf(school, owner.userId);
    if (status >= 500) throw new Error(`${status} for ${describe(asked)}: ${text}`);
    const isNamed = String(status) in asked.operation.responses || status === 401;
    if (!isNamed) throw new Error(`${status} is not in the document for ${describe(asked)}: ${text}`);
    if (status >= 400)
      expect(JSON.parse(text)).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    else known.learn(text);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(requestsOf(known), { minLength: atOnce, maxLength: atOnce, size: "max" }),
      async (batch) => {
        await Promise.all(batch.map(check));
      },
    ),
    { numRuns: requests / atOnce, seed, endOnFailure: true },
  );
  const total = [...statuses.values()].reduce((sum, n) => sum + n, 0);
  expect(total).toBe(requests);
  // If every request were refused early, the code behind would be untested.
  const succeeded = [...statuses].filter(([status]) => status < 300).reduce((sum, [, n]) => sum + n, 0);
  expect(succeeded).toBeGreaterThan(requests / 10);
}, 240_000);

const describe = ({ method, path, body, headers }: Asked): string =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${(body ?? "").slice(0, 500)}`;
