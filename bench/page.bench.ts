import type { Bench, Line } from "./run.ts";
import { serve } from "./support/child.ts";
import { alternating, cpuMsPerRequest, round, type Target } from "./support/load.ts";
import { type Stage, startStage } from "./support/stage.ts";

interface PageBench {
  readonly metric: string;
  readonly path: (stage: Stage) => string;
  readonly cookie: (stage: Stage) => string | undefined;
  readonly expects: string;
  readonly aim: string;
}

const pagesMeasured: readonly PageBench[] = [
  {
    metric: "page.home",
    path: () => "/",
    cookie: () => undefined,
    expects: "Bench School",
    aim: "cpuMs <= 5",
  },
  {
    metric: "page.course",
    path: ({ course }) => `/courses/${course.slug}`,
    cookie: () => undefined,
    expects: "Lesson 65: something worth knowing",
    aim: "ratio >= 0.5, and >= 170/s where the bare page makes 340",
  },
  {
    metric: "page.lesson",
    path: ({ course }) => `/learn/${course.slug}/${course.lessons[7]?.slug}`,
    cookie: ({ learner }) => learner.cookie,
    expects: "Every lesson of the bench",
    aim: "ratio >= 0.45",
  },
  {
    metric: "page.dashboard",
    path: () => "/learn",
    cookie: ({ learner }) => learner.cookie,
    expects: "Sixty-five lessons",
    aim: "ratio >= 0.35, queries <= 4",
  },
  {
    metric: "page.roster",
    path: ({ course }) => `/studio/courses/${course.id}/people`,
    cookie: ({ instructor }) => instructor.cookie,
    expects: "learner0@bench.example",
    aim: "ratio >= 0.4, queries <= 4",
  },
];

/** `npm run bench -- page.lesson` measures one page. */
export const benches: Bench[] = [{ group: "page", run }];

/** Compares requests per second of our pages with a bare Remix page of the same size behind the same adapter. */
async function run(emit: (line: Line) => void, isWanted: (metric: string) => boolean): Promise<void> {
  const stage = await startStage({ learners: 1_000 });
  try {
    for (const page of pagesMeasured.filter(({ metric }) => isWanted(metric))) {
      const cookie = page.cookie(stage);
      const ours: Target = {
        url: `http://${stage.route.slug}.localhost:${stage.port}${page.path(stage)}`,
        headers: {
          "x-lectern-local": stage.localKey,
          "accept-encoding": "identity",
          ...(cookie && { cookie }),
        },
        expects: page.expects,
      };
      const first = await fetch(ours.url, { headers: ours.headers ?? {} });
      const body = await first.text();
      if (!body.includes(page.expects)) throw new Error(`${ours.url} answers ${first.status} with another page`);
      const second = await fetch(ours.url, { headers: ours.headers ?? {} });
      await second.arrayBuffer();
      const bare = await serve("bare-remix.ts", [String(body.length)]);
      const baseline: Target = {
        url: `http://127.0.0.1:${bare.port}/`,
        headers: { "accept-encoding": "identity" },
        expects: "Bare page",
      };
      try {
        const figures = await alternating(ours, baseline);
        const cpuMs = await cpuMsPerRequest(ours, stage.cpuMs);
        emit({
          metric: page.metric,
          value: round(figures.ours, 1),
          unit: "requests/s",
          baseline: "bare Remix page of the same size",
          baselineValue: round(figures.baseline, 1),
          ratio: round(figures.ours / figures.baseline),
          aim: page.aim,
          cpuMs,
          queries: Number(second.headers.get("x-lectern-queries")),
          queriesFirst: Number(first.headers.get("x-lectern-queries")),
          bytes: body.length,
          dataBytes: body.length - body.indexOf("streamController.enqueue("),
        });
      } finally {
        bare.stop();
      }
    }
  } finally {
    await stage.stop();
  }
}
