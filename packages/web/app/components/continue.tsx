import { pathTo } from "@lectern/core/kernel/path";
import { Link } from "@remix-run/react";
import { learn } from "../messages/en/learn.ts";
import { minutesInWords } from "../util/time.ts";
import { buttonClass } from "./ui/button.tsx";
import { Facts } from "./ui/facts.tsx";
import { Icon } from "./ui/icon.tsx";
import { Progress } from "./ui/progress.tsx";

export interface ContinueData {
  readonly course: { readonly slug: string; readonly title: string };
  readonly percent: number;
  readonly minutesLeft: number;
  /** When the learner last opened the course; null means never. */
  readonly lastActivityAt: string | null;
  readonly resume: {
    readonly slug: string;
    readonly title: string;
    readonly module: string;
    readonly minutes: number;
  } | null;
}

/** Renders the next step of a course: the lesson to open, its length, and the course's progress. */
export function Continue({ data, as: Heading = "h2" }: { data: ContinueData; as?: "h1" | "h2" }) {
  const { course, percent, resume } = data;
  if (!resume) return null;
  const to = pathTo.lesson(course.slug, resume.slug);
  return (
    <section aria-labelledby="continue" className="border-y border-line py-8 md:py-10">
      <Facts className="text-sm text-muted" items={[course.title, resume.module]} />
      <div className="mt-2 flex flex-wrap items-end justify-between gap-x-10 gap-y-5">
        <Heading id="continue" className="min-w-0 max-w-2xl font-read text-3xl font-medium md:text-4xl" dir="auto">
          <Link to={to} className="decoration-2 underline-offset-6 hover:underline">
            {resume.title}
          </Link>
        </Heading>
        <Link to={to} className={buttonClass("primary", "large", "max-sm:w-full")}>
          {data.lastActivityAt ? learn("continue") : learn("begin")}
          <span className="sr-only">: {resume.title}</span>
          <Icon name="next" />
        </Link>
      </div>
      <div className="mt-6 grid gap-2">
        <Progress percent={percent} />
        <p className="flex flex-wrap justify-between gap-x-6 text-sm text-muted tabular-nums">
          <span>{learn("lessonTime", { time: minutesInWords(resume.minutes) })}</span>
          <span>{learn("left", { time: minutesInWords(data.minutesLeft) })}</span>
        </p>
      </div>
    </section>
  );
}
