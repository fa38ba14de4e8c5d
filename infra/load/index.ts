// npm run load -- --stage staging: open-model arrivals of three journeys at a stage or (--url) at a local cloud.
// Exit 1 when the p95 of any step exceeds 3 s or more than 0.1 % of requests fail. LECTERN_LOAD_EMAIL and
// LECTERN_LOAD_PASSWORD belong to a learner of the school.
import { optionsOf } from "../options.ts";
import { stageOf } from "../stage.ts";
import { journeys, survey } from "./journeys.ts";
import { arrive } from "./open-model.ts";
import { signIn } from "./sign-in.ts";
import { judge, limits } from "./verdict.ts";

const help = `npm run load -- --stage <stage> | --url <platform address>
  --school <slug>      the school to visit (default load)
  --per-second <n>     journeys that begin each second (default 10)
  --seconds <n>        how long (default 60)
  --json               one object on stdout and nothing else
LECTERN_LOAD_EMAIL, LECTERN_LOAD_PASSWORD: a learner of that school, enrolled in a course.`;

const values = optionsOf(help, {
  stage: { type: "string" },
  url: { type: "string" },
  school: { type: "string", default: "load" },
  "per-second": { type: "string", default: "10" },
  seconds: { type: "string", default: "60" },
  json: { type: "boolean", default: false },
});
const say = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`load: ${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { LECTERN_LOAD_EMAIL: email, LECTERN_LOAD_PASSWORD: password } = process.env;
  const [perSecond, seconds] = [Number(values["per-second"]), Number(values.seconds)];
  if (Boolean(values.stage) === Boolean(values.url) || !(perSecond > 0) || !(seconds > 0)) {
    process.stderr.write(`${help}\n`);
    return 2;
  }
  if (!email || !password) throw new Error("LECTERN_LOAD_EMAIL and LECTERN_LOAD_PASSWORD name nobody");
  if (values.stage === "production") throw new Error("production carries its own load; name another stage");
  const platform = new URL(values.url ?? `https://${stageOf(values.stage ?? "").domain}`);
  const school = `${platform.protocol}//${values.school}.${platform.host}`;

  const account = await signIn({ school, email, password });
  const ground = await survey(school, account);
  say(`${school}: ${perSecond} journeys a second for ${seconds} s`);
  const samples = await arrive(journeys(ground, account), { perSecond, seconds });
  const verdict = judge(samples);
  for (const { step, requests, errors, p50, p95, p99 } of [...verdict.steps, verdict.all])
    say(`${step.padEnd(24)} ${requests} requests, ${errors} errors, p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`);
  for (const error of new Set(samples.flatMap(({ error }) => error ?? []))) say(`  ${error}`);
  for (const reason of verdict.reasons) say(`FAIL ${reason}`);
  if (verdict.reasons.length === 0) say(`ok: p95 within ${limits.p95Ms} ms, errors within ${limits.errorPercent} %`);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...verdict, limits }, null, 2)}\n`);
  return verdict.reasons.length === 0 ? 0 : 1;
}
