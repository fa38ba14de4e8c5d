import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { arrive, type Journey } from "../load/open-model.ts";
import { judge } from "../load/verdict.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

/** Open requests now, and the most at once. */
let open = 0;
let most = 0;

async function serve(answer: (count: number) => { status: number; afterMs: number }): Promise<Journey> {
  let count = 0;
  open = most = 0;
  server = createServer((_, response) => {
    most = Math.max(most, ++open);
    response.once("close", () => open--);
    const { status, afterMs } = answer(count++);
    setTimeout(() => response.writeHead(status).end(), afterMs);
  });
  await new Promise<void>((ready) => server?.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    name: "visitor",
    weight: 1,
    run: (step) =>
      step("home", async () => {
        const { status } = await fetch(url);
        if (status !== 200) throw new Error(String(status));
      }),
  };
}

test("a healthy service passes, and as many arrive as were planned", async () => {
  const journey = await serve(() => ({ status: 200, afterMs: 5 }));
  const samples = await arrive([journey], { perSecond: 100, seconds: 1, random: () => 0.632 });
  expect(samples.length).toBeGreaterThan(90);
  expect(judge(samples).reasons).toEqual([]);
});

test("arrivals continue without answers, so all of them wait at a stalled service", async () => {
  const journey = await serve(() => ({ status: 200, afterMs: 700 }));
  const samples = await arrive([journey], { perSecond: 100, seconds: 0.5, random: () => 0.632 });
  expect(samples.length).toBeGreaterThan(40);
  expect(most).toBeGreaterThan(10);
});

test("more than one failure in a thousand fails the release", async () => {
  const sample = { step: "visitor: home", ms: 20 };
  const good = Array.from({ length: 999 }, () => sample);
  expect(judge([...good, { ...sample, error: "500" }]).reasons).toEqual([]);
  expect(judge([...good, { ...sample, error: "500" }, { ...sample, error: "500" }]).reasons).toEqual([
    "0.20 % of requests failed, over 0.1 %",
  ]);
});

test("one slow step fails the release, however many quick ones there are", () => {
  const quick = Array.from({ length: 1_000 }, () => ({ step: "visitor: home", ms: 20 }));
  const slow = Array.from({ length: 20 }, (_, at) => ({ step: "learner: lesson", ms: at < 18 ? 100 : 3_200 }));
  expect(judge(quick).reasons).toEqual([]);
  expect(judge([...quick, ...slow]).reasons).toEqual(["learner: lesson: p95 3200 ms is over 3000 ms"]);
  expect(judge([]).reasons).toContain("nothing was asked");
});

test("an answer that is wrong is an error, and ends its journey", async () => {
  const journey = await serve((count) => ({ status: count % 2 ? 200 : 503, afterMs: 0 }));
  const samples = await arrive([journey], { perSecond: 50, seconds: 0.4, random: () => 0.632 });
  expect(samples.filter(({ error }) => error === "503").length).toBeGreaterThan(5);
  expect(judge(samples).reasons).toHaveLength(1);
});
