import { Badge, ButtonLink, Form, PageHeader, SubmitButton, Tabs } from "../components/ui/index.ts";
import { statusTone, statusWord, studio } from "../messages/en/studio.ts";

interface Props {
  course: { id: string; slug: string; title: string; status: keyof typeof statusTone };
}

/** The head of every page of one course in the studio: its title, its state, and its pages side by side. */
export function CourseHead({ course }: Props) {
  const base = `/studio/courses/${course.id}`;
  return (
    <>
      <PageHeader
        title={course.title}
        crumbs={[{ to: "/studio", label: studio("courses") }]}
        badge={<Badge tone={statusTone[course.status]}>{statusWord[course.status]}</Badge>}
        action={
          <>
            <ButtonLink to={`/courses/${course.slug}`} variant="secondary">
              {studio("view")}
            </ButtonLink>
            {course.status !== "published" && (
              <Form action={`${base}?index`}>
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
          { to: base, label: studio("outline"), end: true },
          { to: `${base}/details`, label: studio("details") },
          { to: `${base}/people`, label: studio("people") },
        ]}
      />
    </>
  );
}
