import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { aSchool } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { hostOf, signedIn } from "./testing/caller.ts";

const run = promisify(execFile);

// A process's output is visible only from outside.
const script = `
import { Api } from ${JSON.stringify(fileURLToPath(new URL("./index.ts", import.meta.url)))};
const { host, token } = JSON.parse(process.env.ASK);
const call = (method, path, headers = {}, body) => Api.app().request("http://" + host + "/api/v1" + path, {
  method, headers: { host, "content-type": "application/json", ...headers }, ...(body && { body: JSON.stringify(body) }),
});
await call("GET", "/me?planted=planted-query", { authorization: "Bearer " + token, cookie: "c=planted-cookie" });
await call("POST", "/registration", {}, { email: "planted@example.test", password: "planted-password", givenName: "Planted" });
await call("GET", "/courses/planted-course-slug");
await call("GET", "/me", { authorization: "Bearer planted-token-planted-token" });
process.exit(0);
`;

test("each request is one JSON line with its route, status, time and ids, and nothing secret or personal", async () => {
  const school = await aSchool();
  const { token, userId } = await signedIn(school, ["learner"]);
  const { stdout } = await run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    env: { ...process.env, LECTERN_LOG: "info", ASK: JSON.stringify({ host: hostOf(school), token }) },
  });
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const requests = lines.filter(({ msg }) => msg === "request");
  expect(requests.map(({ method, route, status }) => `${method} ${route} ${status}`)).toEqual([
    "GET GET /me 200",
    expect.stringMatching(/^POST POST \/registration \d+$/),
    "GET GET /courses/{courseId} 404",
    "GET GET /me 401",
  ]);
  for (const line of requests) {
    expect(line).toMatchObject({
      level: "info",
      time: expect.any(String),
      release: expect.any(String),
      requestId: expect.any(String),
      schoolId: school.schoolId,
      ms: expect.any(Number),
    });
  }
  expect(requests[0].actor).toEqual({ type: "user", id: userId });
  expect(stdout).not.toMatch(/planted/i);
  expect(stdout).not.toContain(token);
}, 30_000);
