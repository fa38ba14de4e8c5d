import { Category } from "@lectern/core/learn/category";
import { Course } from "@lectern/core/learn/course";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { CourseGrid, toCard } from "../components/course-card.tsx";
import type { useMaybeFrame } from "../components/frame/frame-data.ts";
import { buttonClass, Chips, EmptyState, Pagination, SubmitButton } from "../components/ui/index.ts";
import { levelWord, school } from "../messages/en/school.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction<typeof loader> = ({ matches }) => [
  { title: `${school("catalogTitle")} · ${nameOf(matches)}` },
];

const nameOf = (matches: readonly { data: unknown }[]): string =>
  (matches[0]?.data as ReturnType<typeof useMaybeFrame>)?.school?.name ?? "";

const levels = ["beginner", "intermediate", "advanced"] as const;

/** Lists the catalog; search, topic and level are in the address. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const params = new URL(args.request.url).searchParams;
    const q = params.get("q")?.trim().slice(0, 200) ?? "";
    const category = params.get("category");
    const level = levels.find((each) => each === params.get("level"));
    const cursor = params.get("cursor");
    const [page, categories] = await Promise.all([
      Course.catalog({
        q,
        limit: 24,
        ...(category && { category }),
        ...(level && { level }),
        ...(cursor && { cursor }),
      }),
      Category.list(),
    ]);
    return {
      q,
      isFiltered: Boolean(q || category || level),
      courses: page.items.map(toCard),
      total: page.total,
      didYouMean: page.didYouMean,
      nextCursor: page.nextCursor,
      categories: categories.map(({ slug, name }) => ({ value: slug, label: name })),
    };
  });

export default function Catalog() {
  const { q, courses, total, didYouMean, nextCursor, categories, isFiltered } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <>
      <h1 className="font-read text-3xl font-medium md:text-4xl">{school("catalogTitle")}</h1>
      <search className="mt-6 grid gap-4">
        <Form action="/courses" className="flex max-w-xl gap-2">
          <label htmlFor="search" className="sr-only">
            {school("searchLabel")}
          </label>
          <input
            key={q}
            id="search"
            name="q"
            type="search"
            defaultValue={q}
            placeholder={school("searchPlaceholder")}
            className="field-box"
          />
          {(["category", "level"] as const).map((name) =>
            params.get(name) ? <input key={name} type="hidden" name={name} value={params.get(name) ?? ""} /> : null,
          )}
          <SubmitButton variant="secondary">{school("searchButton")}</SubmitButton>
        </Form>
        <div className="flex flex-wrap gap-x-8 gap-y-3">
          {categories.length > 0 && (
            <Chips name="category" label={school("category")} all={school("allCategories")} options={categories} />
          )}
          <Chips
            name="level"
            label={school("level")}
            all={school("allLevels")}
            options={levels.map((value) => ({ value, label: levelWord(value) }))}
          />
        </div>
      </search>
      <p role="status" className="mt-8 mb-6 border-b border-line pb-3 text-sm text-muted tabular-nums">
        {didYouMean
          ? school("didYouMean", { typed: q, meant: didYouMean })
          : q
            ? school("countFor", { count: total, q })
            : school("count", { count: total })}
      </p>
      {courses.length > 0 ? (
        <div className="grid gap-12">
          <CourseGrid courses={courses} />
          <Pagination nextCursor={nextCursor} shown={courses.length} total={total} />
        </div>
      ) : isFiltered ? (
        <EmptyState
          title={school("nothingTitle")}
          action={
            <Link to="/courses" className={buttonClass("secondary")}>
              {school("clearSearch")}
            </Link>
          }
        >
          {school("nothingBody")}
        </EmptyState>
      ) : (
        <EmptyState title={school("noCoursesTitle")}>{school("noCoursesVisitor")}</EmptyState>
      )}
    </>
  );
}
