import { aSchool } from "@lectern/tenants/testing";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Resource } from "sst";
import { expect, test } from "vitest";
import { Api } from "./index.ts";

interface Operation {
  readonly operationId: string;
  readonly "x-permission"?: unknown;
  readonly "x-rate-limit"?: { readonly max: number };
  readonly responses: Record<string, unknown>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

test("the document is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(Api.document() as Record<string, unknown>);
  expect(result.errors).toBeUndefined();
  expect([result.valid, validator.version]).toEqual([true, "3.1"]);
});

test("the validator would find a mistake", async () => {
  const broken = Api.document() as { paths: Record<string, unknown> };
  broken.paths["/courses"] = { get: { parameters: [{ name: "q" }] } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test("every operation has a unique name and states its permission, limit and refusals", () => {
  const { paths } = Api.document() as Document;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(operations.length).toBe(Api.endpoints.length);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const operation of operations) {
    expect(operation["x-permission"]).toBeTruthy();
    expect(operation["x-rate-limit"]?.max).toBeGreaterThan(0);
    expect(Object.keys(operation.responses)).toContain("429");
  }
});

test("the reference is one page without scripts or foreign resources", async () => {
  const response = await Api.app().request("http://localhost/api/docs", { headers: { host: "localhost" } });
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(html).not.toMatch(/<script|src=|@import|url\(/);
  for (const { operationId } of Object.values((Api.document() as Document).paths).flatMap(Object.values)) {
    expect(html).toContain(`id="${operationId}"`);
  }
});

test("the reference names the school on its host, and the platform elsewhere", async () => {
  const school = await aSchool({ name: "Harbour <School>" });
  const at = async (host: string) => (await Api.app().request(`http://${host}/api/docs`, { headers: { host } })).text();
  expect(await at(`${school.slug}.${Resource.Platform.domain}`)).toContain(
    "<title>Harbour &lt;School&gt; API reference</title>",
  );
  expect(await at(Resource.Platform.domain)).toContain("<title>Lectern API reference</title>");
});
