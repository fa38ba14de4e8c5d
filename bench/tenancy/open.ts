import { request } from "node:http";
import { createId } from "@lectern/core/kernel/id";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { School } from "@lectern/tenants/school";
import { claim } from "../../packages/tenants/src/school/claim.ts";
import type { Line } from "../run.ts";
import { median, percentile, round, theCell, timed } from "./parts.ts";

const openings = 25;
const claims = 100;

/** Measures from the call that opens a school until its home page answers, and the share of claiming a ready school. */
export async function open(emit: (line: Line) => void): Promise<void> {
  const cell = await theCell();
  await Provision.refill({ target: openings + claims + 5 });
  const times: number[] = [];
  for (let i = 0; i <= openings; i++) {
    const slug = `bench-${i}-${Date.now().toString(36)}`;
    const ms = await timed(async () => {
      await School.open({
        slug,
        name: `Bench School ${i}`,
        owner: { email: "owner@bench.test", givenName: "Olga", password: "a fine long bench password" },
      });
      await homePage(slug, `Bench School ${i}`);
    });
    if (i > 0) times.push(ms);
  }
  const taken: number[] = [];
  for (let i = 0; i < claims; i++) taken.push(await timed(() => claim(cell.id, createId("run"))));
  await Catalog.close();
  emit({
    metric: "tenancy.open",
    value: round(median(times)),
    unit: "ms",
    baseline: null,
    baselineValue: null,
    ratio: null,
    aim: "value <= 2000, claimP99 <= 50",
    p99: round(percentile(times, 0.99)),
    claim: round(median(taken)),
    claimP99: round(percentile(taken, 0.99)),
    claimShare: round(median(taken) / median(times), 4),
  });
}

/** Polls until the page answers; a newly opened school must answer at once. */
async function homePage(slug: string, expects: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { status, body } = await get(`${slug}.localhost`);
    if (status === 200 && body.includes(expects)) return;
    if (status !== 404 && status !== 503) throw new Error(`${slug}: ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${slug} does not answer`);
}

function get(host: string): Promise<{ status: number; body: string }> {
  const port = Number(process.env.LECTERN_PORT);
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path: "/", headers: { host: `${host}:${port}` } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on("error", reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}
