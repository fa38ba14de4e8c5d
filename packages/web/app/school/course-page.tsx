import { pathTo } from "@lectern/core/kernel/path";
import { Form, Link } from "@remix-run/react";
import { Cover } from "../components/cover.tsx";
import { useFrame } from "../components/frame/frame-data.ts";
import {
  Breadcrumbs,
  ButtonLink,
  buttonClass,
  Facts,
  Icon,
  Notice,
  Progress,
  SubmitButton,
} from "../components/ui/index.ts";
import { learn } from "../messages/en/learn.ts";
import { levelWord, school } from "../messages/en/school.ts";
import { minutesInWords } from "../util/time.ts";
import { Syllabus, type SyllabusModule } from "./syllabus.tsx";

export interface CoursePageData {
  readonly course: {
    readonly slug: string;
    readonly title: string;
    readonly summary: string;
    readonly descriptionHtml: string;
    readonly status: "draft" | "published" | "archived";
    readonly level: "any" | "beginner" | "intermediate" | "advanced";
    readonly language: string;
    readonly category: { readonly slug: string; readonly name: string } | null;
    readonly coverUrl: string | null;
    readonly outcomes: readonly string[];
    readonly lessonCount: number;
    readonly minutes: number;
    readonly instructors: readonly { readonly id: string; readonly name: string }[];
    readonly modules: readonly SyllabusModule[];
    readonly canEdit: boolean;
    readonly id: string;
  };
  readonly isEnrolled: boolean;
  readonly isPerson: boolean;
  readonly progress: {
    readonly percent: number;
    readonly completed: boolean;
    readonly minutesLeft: number;
    /** The learner has opened or completed a lesson. */
    readonly hasBegun: boolean;
    readonly resume: { readonly slug: string; readonly title: string } | null;
  } | null;
}

export function CoursePage({ course, isEnrolled, isPerson, progress }: CoursePageData) {
  const crumbs = [
    { to: "/courses", label: school("catalogTitle") },
    ...(course.category
      ? [{ to: pathTo.catalog({ category: course.category.slug }), label: course.category.name }]
      : []),
  ];
  const act = <Act course={course} isEnrolled={isEnrolled} isPerson={isPerson} progress={progress} />;
  return (
    <>
      {course.status !== "published" && (
        <div className="mb-8">
          <Notice tone="warning">{school("notPublished")}</Notice>
        </div>
      )}
      <div className="grid gap-x-10 gap-y-12 lg:gap-x-16 md:grid-cols-[minmax(0,1fr)_17rem] lg:grid-cols-[minmax(0,1fr)_22rem]">
        <header className="grid content-start gap-4 md:col-start-1">
          <Breadcrumbs crumbs={crumbs} />
          <h1 className="font-read text-3xl font-medium tracking-tight md:text-4xl" lang={course.language} dir="auto">
            {course.title}
          </h1>
          {course.summary && (
            <p className="max-w-2xl font-read text-xl text-soft" lang={course.language} dir="auto">
              {course.summary}
            </p>
          )}
          <Facts className="text-ui text-soft" items={factsOf(course)} />
          {course.instructors.length > 0 && (
            <p className="text-ui text-soft">
              {school("taughtBy", { names: course.instructors.map((each) => each.name).join(", ") })}
            </p>
          )}
        </header>
        <aside className="min-w-0 md:col-start-2 md:row-span-2 md:row-start-1">
          <div className="grid grid-cols-[minmax(0,1fr)] gap-5 md:sticky md:top-22">
            <Cover title={course.title} url={course.coverUrl} />
            <div className="max-md:hidden">{act}</div>
            {course.canEdit && (
              <ButtonLink
                to={pathTo.studioCourse(course.id)}
                variant="quiet"
                size="small"
                className="justify-self-start"
              >
                <Icon name="edit" />
                {school("edit")}
              </ButtonLink>
            )}
          </div>
        </aside>
        <div className="grid content-start gap-12 md:col-start-1">
          {course.outcomes.length > 0 && (
            <section aria-labelledby="outcomes">
              <h2 id="outcomes" className="mb-4 text-lg font-semibold">
                {school("outcomesTitle")}
              </h2>
              <ul className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
                {course.outcomes.map((outcome) => (
                  <li key={outcome} className="flex gap-2.5">
                    <Icon name="check" className="mt-1 text-accent-ink" />
                    <bdi lang={course.language}>{outcome}</bdi>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section aria-labelledby="syllabus">
            <h2 id="syllabus" className="mb-4 text-lg font-semibold">
              {school("syllabusTitle")}
            </h2>
            <Syllabus
              courseSlug={course.slug}
              language={course.language}
              modules={course.modules}
              canOpen={isEnrolled || course.canEdit}
            />
          </section>
          {course.descriptionHtml && (
            <section aria-labelledby="about">
              <h2 id="about" className="mb-4 text-lg font-semibold">
                {school("aboutTitle")}
              </h2>
              <div
                className="reading reading-small"
                lang={course.language}
                dir="auto"
                // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by core/content when it was saved.
                dangerouslySetInnerHTML={{ __html: course.descriptionHtml }}
              />
            </section>
          )}
        </div>
      </div>
      <div className="no-print sticky bottom-14 z-30 -mx-4 mt-10 -mb-16 border-t border-line bg-ground px-4 py-3 md:hidden">
        {act}
      </div>
    </>
  );
}

const languages = new Intl.DisplayNames(["en"], { type: "language" });

function factsOf(course: CoursePageData["course"]): string[] {
  const language = languages.of(course.language);
  return [
    school("lessons", { count: course.lessonCount }),
    ...(course.minutes > 0 ? [minutesInWords(course.minutes)] : []),
    levelWord(course.level),
    ...(language ? [language] : []),
    school("free"),
  ];
}

/** Offers visitors registration and sign-in. */
function JoinAct({ slug }: { slug: string }) {
  const { canSignUp } = useFrame();
  const big = buttonClass("primary", "large", "w-full");
  if (!canSignUp)
    return (
      <a href={joinPath(slug)} className={big}>
        {school("enrollSignIn")}
      </a>
    );
  return (
    <>
      <a href={joinPath(slug, "sign-up")} className={big}>
        {school("enroll")}
      </a>
      <p className="text-sm text-soft">
        {school("enrollMember")}{" "}
        <a href={joinPath(slug)} className="font-medium text-accent-ink underline underline-offset-2">
          {school("enrollSignIn")}
        </a>
      </p>
    </>
  );
}

/** Returns the sign-in address that enrolls and opens lesson 1. */
const joinPath = (slug: string, screen?: "sign-up"): string =>
  pathTo.signIn({ next: pathTo.course(slug), enroll: slug, ...(screen && { screen }) });

/** Renders the next step: enroll, start, or continue with a lesson. */
function Act({ course, isEnrolled, isPerson, progress }: CoursePageData) {
  if (isEnrolled && progress) {
    if (progress.completed)
      return (
        <div className="grid gap-2.5">
          <p className="flex items-center gap-2 text-ui font-medium max-md:hidden">
            <Icon name="check" className="text-accent-ink" />
            {school("completed")}
          </p>
          <Link to={pathTo.progress(course.slug)} className={buttonClass("primary", "large", "w-full")}>
            {learn("seeCertificate")}
          </Link>
        </div>
      );
    if (progress.resume)
      return (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
          <Link
            to={pathTo.lesson(course.slug, progress.resume.slug)}
            className={buttonClass("primary", "large", "w-full")}
          >
            <span className="min-w-0 truncate" dir="auto">
              {!progress.hasBegun ? school("start") : `${school("resume")}: ${progress.resume.title}`}
            </span>
            <Icon name="next" />
          </Link>
          <Progress percent={progress.percent} />
          <p className="flex flex-wrap justify-between gap-x-4 text-sm text-muted max-md:hidden">
            {learn("left", { time: minutesInWords(progress.minutesLeft) })}
            <Link to={pathTo.progress(course.slug, "leave")} className="link">
              {learn("leave")}
            </Link>
          </p>
        </div>
      );
    return null;
  }
  if (isEnrolled) return <p className="text-ui text-soft">{learn("progressAway")}</p>;
  if (course.status !== "published") return null;
  return (
    <div className="grid gap-2.5">
      {isPerson ? (
        <Form method="post" action={pathTo.enroll(course.slug)}>
          <SubmitButton size="large" className="w-full">
            {school("enroll")}
          </SubmitButton>
        </Form>
      ) : (
        <JoinAct slug={course.slug} />
      )}
      <p className="text-sm text-muted max-md:hidden">{school("enrollNote")}</p>
    </div>
  );
}
