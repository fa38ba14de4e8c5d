import { pathTo } from "@lectern/core/kernel/path";
import { Badge, ButtonLink, Form, PageHeader, SubmitButton, Tabs } from "../components/ui/index.ts";
import { statusTone, statusWord, studio } from "../messages/en/studio.ts";

interface Props {
  course: { id: string; slug: string; title: string; status: keyof typeof statusTone };
  /** False where the page has its own publish form. */
  publishes?: boolean;
}

/** Renders the title, state and tabs of a course in the studio. */
export function CourseHead({ course, publishes = true }: Props) {
  return (
    <>
      <PageHeader
        title={course.title}
        crumbs={[{ to: "/studio", label: studio("courses") }]}
        badge={<Badge tone={statusTone[course.status]}>{statusWord[course.status]}</Badge>}
        action={
          <>
            <ButtonLink to={pathTo.course(course.slug)} variant="secondary">
              {studio("view")}
            </ButtonLink>
            {publishes && course.status !== "published" && (
              <Form action={pathTo.studioCourse(course.id, { query: { index: "" } })}>
                <input type="hidden" name="intent" value="publish" />
                <input type="hidden" name="title" value={course.title} />
                <SubmitButton>{studio("publish")}</SubmitButton>
              </Form>
            )}
          </>
        }
      />
      <Tabs
        label={course.title}
        items={[
          { to: pathTo.studioCourse(course.id), label: studio("outline"), end: true },
          { to: pathTo.studioDetails(course.id), label: studio("details") },
          { to: pathTo.studioPeople(course.id), label: studio("people") },
        ]}
      />
    </>
  );
}
