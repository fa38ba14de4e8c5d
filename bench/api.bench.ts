import { Actor } from "@lectern/core/kernel/actor";
import { createId } from "@lectern/core/kernel/id";
import { Token } from "@lectern/core/people/identity";
import autocannon from "autocannon";
import type { Bench, Line } from "./run.ts";
import { serve } from "./support/child.ts";
import { median, round } from "./support/load.ts";
import { type Stage, startStage } from "./support/stage.ts";

const learners = 240;

function* facts(stage: Stage, tokens: readonly string[]) {
  for (const lesson of stage.course.lessons) {
    for (const [person, token] of tokens.entries()) yield { lesson: lesson.id, person, token };
  }
}
type Fact = ReturnType<typeof facts> extends Generator<infer T> ? T : never;

interface Side {
  readonly url: string;
  readonly next: () => Fact;
  readonly request: (fact: Fact) => { path: string; headers: Record<string, string>; body: string };
}

async function perSecond(side: Side, seconds: number): Promise<number> {
  const result = await autocannon({
    url: side.url,
    connections: 16,
    duration: seconds,
    requests: [
      {
        method: "POST",
        setupRequest: (request) => ({ ...request, method: "POST", ...side.request(side.next()) }),
      },
    ],
    verifyBody: (body) => String(body).includes('"percent"'),
  });
  const wrong = result.non2xx + result.errors + result.timeouts + result.mismatches;
  if (wrong > 0) throw new Error(`${side.url}: ${wrong} answers were wrong`);
  return result["2xx"] / result.duration;
}

/**
 * Compares POST of one progress fact, signed in, over HTTP, with a bare Hono route that writes the same three items.
 * Each call completes the next lesson, so no call finds its work done.
 */
async function run(emit: (line: Line) => void): Promise<void> {
  const stage = await startStage({ learners });
  const bare = await serve("bare-hono.ts", [stage.route.table]);
  try {
    const tokens = await Actor.withActor(
      { type: "system", school: stage.route, requestId: createId("request"), reason: "bench" },
      async () => {
        const issued: string[] = [];
        for (const userId of stage.learnerIds) issued.push((await Token.issue({ userId })).accessToken);
        return issued;
      },
    );
    const nextOf = (source: Generator<Fact>) => () => {
      const { value, done } = source.next();
      if (done) throw new Error("the bench has used up its facts: give it more learners");
      return value;
    };
    const ours: Side = {
      url: `http://127.0.0.1:${stage.port}`,
      next: nextOf(facts(stage, tokens)),
      request: ({ lesson, token }) => ({
        path: `/api/v1/courses/${stage.course.id}/progress`,
        headers: {
          host: `${stage.route.slug}.localhost:${stage.port}`,
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "x-lectern-local": stage.localKey,
        },
        body: JSON.stringify({ lessonId: lesson, kind: "done" }),
      }),
    };
    const baseline: Side = {
      url: `http://127.0.0.1:${bare.port}`,
      next: nextOf(facts(stage, tokens)),
      request: ({ lesson, person }) => ({
        path: `/progress/${person}/${lesson}`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ lessonId: lesson, kind: "done" }),
      }),
    };
    await perSecond(ours, 2);
    await perSecond(baseline, 2);
    const figures = { ours: [] as number[], baseline: [] as number[] };
    for (let at = 0; at < 3; at++) {
      figures.ours.push(await perSecond(ours, 3));
      figures.baseline.push(await perSecond(baseline, 3));
    }
    const [value, baselineValue] = [median(figures.ours), median(figures.baseline)];
    emit({
      metric: "api.progress",
      value: round(value, 1),
      unit: "requests/s",
      baseline: "bare Hono route, the same TransactWriteItems",
      baselineValue: round(baselineValue, 1),
      ratio: round(value / baselineValue),
      aim: "ratio >= 0.5",
      connections: 16,
    });
  } finally {
    bare.stop();
    await stage.stop();
  }
}

export const benches: Bench[] = [{ group: "api", run }];
