import "../../../local/bin/preload.mjs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { Metric } from "@lectern/core/kernel/metric";
import { Resource } from "sst";
import { afterEach, expect, test, vi } from "vitest";
import { handler } from "./canary.ts";

// Runs the canary against a site that answers, fails, lies and hangs, at the platform's address, where these tests
// start no site.

const page = "<!doctype html><h1>Welcome</h1>";
const form = '<!doctype html><form method="post"><input type="password" name="password"></form>';
const errorPage = "<!doctype html><p>Something went wrong on our side.</p>";

type Serve = (host: string, path: string, response: ServerResponse) => void;

const whole: Serve = (host, path, response) => {
  if (host.startsWith("auth.")) return void response.end(form);
  if (path === "/auth/sign-in") {
    const { port } = new URL(`http://${Resource.Platform.domain}`);
    return void response.writeHead(302, { location: `http://auth.localhost:${port}/sign-in?flow=x` }).end();
  }
  response.end(path === "/health/ready" ? '{"status":"ready"}' : page);
};

let server: Server | undefined;
const serve = async (answer: Serve): Promise<void> => {
  server = createServer((request, response) => {
    kept.push(request.headers.connection);
    answer(request.headers.host ?? "", request.url ?? "", response);
  });
  const { port } = new URL(`http://${Resource.Platform.domain}`);
  await new Promise<void>((ready) => server?.listen(Number(port), "127.0.0.1", ready));
};
afterEach(async () => {
  vi.restoreAllMocks();
  server?.closeAllConnections();
  await new Promise((ended) => (server ? server.close(ended) : ended(undefined)));
  server = undefined;
});

/** Runs once and returns each check's result. */
async function walked(): Promise<Record<string, number>> {
  const lines: string[] = [];
  const end = Metric.onLine((line) => void lines.push(line));
  await handler();
  Metric.flush();
  end();
  const told = lines.map((line) => JSON.parse(line)).filter((line) => line.CanarySuccess !== undefined);
  return Object.fromEntries(told.map(({ check, CanarySuccess }) => [check, [CanarySuccess].flat().at(-1)]));
}

/** Connection headers that the site received. */
const kept: (string | undefined)[] = [];

const well = { apex: 100, school: 100, "sign-in": 100, api: 100 };
const ill = { apex: 0, school: 0, "sign-in": 0, api: 0 };

test("a site that answers correctly passes", async () => {
  await serve(whole);
  expect(await walked()).toEqual(well);
  expect(new Set(kept)).toEqual(new Set(["close"]));
});

test("a site that is down fails", async () => {
  expect(await walked()).toEqual(ill);
});

test("an error page fails, whatever its status", async () => {
  await serve((_, __, response) => void response.end(errorPage));
  expect(await walked()).toEqual(ill);
});

test("an error status fails despite the expected text", async () => {
  await serve((_, path, response) => {
    response.statusCode = 503;
    response.end(path === "/health/ready" ? '{"status":"ready"}' : page + form);
  });
  expect(await walked()).toEqual(ill);
});

test("an API that is not ready fails only its own check", async () => {
  await serve((host, path, response) =>
    path === "/health/ready" ? void response.end('{"status":"degraded"}') : whole(host, path, response),
  );
  expect(await walked()).toEqual({ ...well, api: 0 });
});

test("an unavailable sign-in host fails its check while pages work", async () => {
  await serve((host, path, response) =>
    host.startsWith("auth.") ? void response.writeHead(502).end(form) : whole(host, path, response),
  );
  expect(await walked()).toEqual({ ...well, "sign-in": 0 });
});

test("a hanging check times out and delays no other", async () => {
  // The same signal, without the eight seconds.
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => timeout(ms / 20));
  await serve((host, path, response) => {
    if (path === "/" && !host.startsWith("canary.")) return; // never answered
    // Starts a response and never ends it: the limit covers the whole response.
    if (host.startsWith("canary.") && path === "/") return void response.write(page);
    whole(host, path, response);
  });
  expect(await walked()).toEqual({ ...well, apex: 0, school: 0 });
  expect(spy).toHaveBeenCalledWith(8_000);
});
