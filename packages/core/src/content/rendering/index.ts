import { Worker } from "node:worker_threads";
import { useSchool } from "../../kernel/actor/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { lazy } from "../../kernel/lazy/index.ts";
import { log } from "../../kernel/log/index.ts";
import type { Job, Outcome, RenderedLesson } from "./render.ts";
import type { LessonFormat, Targets } from "./targets.ts";

// Renders sources in worker threads, so a page made to keep a renderer busy delays no other request. The threads start
// with the first edit, so cold starts do not pay for them.

/** Of processor time, for one page. Ordinary ones take a hundredth of it. */
const budgetMs = 2_000;
/** Postgres ends a transaction that idles for 5 s, and a loaded machine may take this long for a cheap page. */
const patienceMs = 4_000;
const looksEveryMs = 100;
const mostThreads = 2;
/** Pages of one school that wait for their turn. */
const mostWaiting = 50;

interface Task {
  readonly job: Job;
  readonly schoolId: string;
  readonly deadline: number;
  readonly done: (outcome: Outcome | "late" | "busy" | "dead") => void;
}

interface Thread {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  task: Task | undefined;
}

const renderer = lazy(() => import("./render.ts"));
const threads = new Set<Thread>();
const queue: Task[] = [];
/** One school renders one page at a time, so it never fills the pool. */
const atWork = new Set<string>();
let starting: Promise<Thread> | undefined;

/** Renders a lesson's source for learners; as plain text when that takes too long. */
export const renderSource = async (
  format: LessonFormat,
  source: string,
  targets?: Targets,
  { isPatient = false } = {},
): Promise<RenderedLesson> =>
  (await ask(
    { kind: "lesson", format, source, targets: targets && within(targets, source) },
    isPatient,
  )) as RenderedLesson;

/** Text that an author typed into a plain field, as sanitized HTML. */
export const richText = async (source: string): Promise<string> =>
  ((await ask({ kind: "text", source }, false)) as RenderedLesson).html;

/** A page of Markdown with its title, which its HTML leaves out. */
export const renderPage = async (source: string): Promise<RenderedLesson> =>
  (await ask({ kind: "page", source }, false)) as RenderedLesson;

/**
 * Waits until a thread is free, or all are at work. Call it before a transaction that renders, because loading is slow.
 */
export async function readyToRender(): Promise<void> {
  const free = [...threads].find(({ task }) => task === undefined);
  const thread = free ?? (threads.size < mostThreads ? await start() : undefined);
  await thread?.ready.catch(() => {});
}

/** As a core function, and a thread is ready before its transaction opens. */
export const rendersIn = <F extends (input: never) => Promise<unknown>>(call: F): F =>
  Object.assign(async (input: never) => {
    await readyToRender();
    return call(input);
  }, call) as F;

async function ask(job: Job, isPatient: boolean): Promise<RenderedLesson> {
  const { schoolId } = useSchool();
  await readyToRender();
  const outcome = await new Promise<Outcome | "late" | "busy" | "dead">((done) => {
    if (queue.filter((task) => task.schoolId === schoolId).length >= mostWaiting) return done("busy");
    const patience = patienceMs * (isPatient ? 10 : 1);
    const task: Task = { job, schoolId, deadline: Date.now() + patience, done };
    queue.push(task);
    // A task that waits too long for a thread is refused with a retry; only a page that keeps a thread busy becomes
    // text.
    const giveUp = () => {
      const at = queue.indexOf(task);
      if (at < 0) return;
      queue.splice(at, 1);
      done("busy");
    };
    setTimeout(giveUp, patience).unref();
    void next();
  });
  if (outcome === "busy")
    throw new DomainError(
      "unavailable",
      "lesson.busy",
      "Many pages are being saved. Please try again in a moment.",
      undefined,
      2,
    );
  if (outcome === "dead") {
    // A thread that fails to start is no fault of the page, which is rendered here.
    log.error({ kind: job.kind }, "no thread renders");
    return (await renderer()).renderJob(job);
  }
  if (outcome === "late" || "failed" in outcome) {
    log.warn({ kind: job.kind, length: job.source.length, outcome }, "a page is shown as plain text");
    return (await renderer()).plainText(job.source);
  }
  if ("refused" in outcome) {
    const { kind, code, message, fields } = outcome.refused;
    throw new DomainError(kind, code, message, fields);
  }
  return outcome.rendered;
}

/** Gives a free thread the first task of a school that has none at work. */
async function next(): Promise<void> {
  const at = queue.findIndex(({ schoolId }) => !atWork.has(schoolId));
  const isFull = [...threads].every(({ task }) => task) && threads.size >= mostThreads;
  const task = queue[at];
  if (!task || isFull || starting) return;
  const thread = [...threads].find((each) => each.task === undefined);
  if (!thread) return void start().then(next);
  queue.splice(at, 1);
  atWork.add(task.schoolId);
  void run(thread, task).finally(next);
  return next();
}

async function run(thread: Thread, task: Task): Promise<void> {
  thread.task = task;
  const { worker } = thread;
  let watch: NodeJS.Timeout | undefined;
  const outcome = await thread.ready.then(
    () =>
      new Promise<Outcome | "late" | "busy">((resolve) => {
        const before = workedMs(worker);
        worker.once("message", resolve);
        worker.once("error", (error) => resolve({ failed: error.message }));
        worker.once("exit", () => resolve({ failed: "the thread has ended" }));
        worker.postMessage(task.job);
        watch = setInterval(() => {
          if (workedMs(worker) - before > budgetMs) resolve("late");
          else if (Date.now() > task.deadline) resolve("busy");
        }, looksEveryMs);
      }),
    () => "dead" as const,
  );
  clearInterval(watch);
  worker.removeAllListeners("message").removeAllListeners("error").removeAllListeners("exit");
  if (typeof outcome === "string" || "failed" in outcome) {
    threads.delete(thread);
    worker.on("error", () => {});
    void worker.terminate();
    // Starts the replacement now, so that another school's next page does not wait for it.
    if (outcome !== "dead") start().catch(() => {});
  }
  thread.task = undefined;
  atWork.delete(task.schoolId);
  task.done(outcome);
}

/** The thread's working time in milliseconds, by its own clock: a thread that never returns cannot answer. */
const workedMs = (worker: Worker): number => worker.performance.eventLoopUtilization().active;

/** Starts one thread at a time. */
const start = (): Promise<Thread> => {
  starting ??= startThread().finally(() => {
    starting = undefined;
  });
  return starting;
};

async function startThread(): Promise<Thread> {
  const { entry } = await renderer();
  // From its source, a thread needs what reads TypeScript; from a bundle, nothing.
  const execArgv = entry.endsWith(".ts") ? ["--import", "tsx"] : [];
  const worker = new Worker(new URL(entry), {
    workerData: { lectern: "render" },
    execArgv,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  worker.unref();
  const ready = new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread has ended")));
  });
  const thread: Thread = { worker, ready, task: undefined };
  threads.add(thread);
  ready.catch(() => threads.delete(thread));
  return thread;
}

/** Sends only the targets that the source names: a course has thousands of files. */
function within({ courseSlug, assets, lessons }: Targets, source: string): Targets {
  const ids = new Set(source.match(/\b(?:ast|les)_[0-9a-z]{26}\b/g));
  const named = <T>(all: ReadonlyMap<string, T>) =>
    new Map(
      [...ids].flatMap((id) => {
        const value = all.get(id);
        return value === undefined ? [] : [[id, value] as const];
      }),
    );
  return { courseSlug, assets: named(assets), lessons: named(lessons) };
}
