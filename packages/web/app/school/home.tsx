import { Continue, type ContinueData } from "../components/continue.tsx";
import { type CourseCardData, CourseGrid } from "../components/course-card.tsx";
import { ButtonLink, EmptyState, Icon } from "../components/ui/index.ts";
import { school } from "../messages/en/school.ts";

/** Renders a school's start page: name, tagline, the reader's next lesson, new courses. */
export function SchoolHome({
  name,
  locale,
  tagline,
  courses,
  total,
  goOn,
  canTeach,
}: {
  name: string;
  /** Language of the school's name and tagline. */
  locale: string;
  tagline: string | null;
  courses: readonly CourseCardData[];
  total: number;
  goOn: ContinueData | null;
  canTeach: boolean;
}) {
  return (
    <div className="grid gap-16">
      {goOn ? (
        <div className="grid gap-6">
          <h1 className="text-lg font-semibold">{school("goOn")}</h1>
          <Continue data={goOn} />
        </div>
      ) : (
        <header className="max-w-4xl py-6 md:py-14">
          <h1 className="font-read text-4xl font-medium tracking-tight md:text-display" lang={locale} dir="auto">
            {tagline ?? name}
          </h1>
          {total > 0 && (
            <ButtonLink to="/courses" size="large" className="mt-8">
              {school("browse")}
              <Icon name="next" />
            </ButtonLink>
          )}
        </header>
      )}
      {courses.length > 0 ? (
        <section aria-labelledby="newest" className="grid gap-8">
          <h2 id="newest" className="border-b border-line pb-3 text-lg font-semibold">
            {school("newest")}
          </h2>
          <CourseGrid courses={courses} as="h3" />
          {total > courses.length && (
            <div>
              <ButtonLink to="/courses" variant="secondary">
                {school("browse")}
              </ButtonLink>
            </div>
          )}
        </section>
      ) : (
        <EmptyState
          title={school("noCoursesTitle")}
          action={canTeach && <ButtonLink to="/studio">{school("toStudio")}</ButtonLink>}
        >
          {canTeach ? school("noCoursesStaff") : school("noCoursesVisitor")}
        </EmptyState>
      )}
    </div>
  );
}
