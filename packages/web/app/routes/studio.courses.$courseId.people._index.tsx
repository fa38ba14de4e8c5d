import { pathTo } from "@lectern/core/kernel/path";
import { has } from "@lectern/core/kernel/permission";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress as CourseProgress } from "@lectern/core/learn/progress";
import { Identity } from "@lectern/core/people/identity";
import { shownEmail } from "@lectern/core/util/email";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, Form as PlainForm, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import {
  Button,
  Chips,
  type Column,
  EmptyState,
  ExportLink,
  Field,
  Form,
  fieldProps,
  Pagination,
  Progress,
  SubmitButton,
  stateOf,
  Table,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { CourseHead } from "../manage/course-head.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";
import { rosterQuery } from "../server/roster-query.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.course.title ?? studio("people") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const query = rosterQuery(new URL(args.request.url));
    const { course, ...roster } = await CourseProgress.roster({ courseId, ...query });
    const { sort, order = sort === "name" ? "asc" : "desc" } = query;
    return {
      ...{ course, roster, sorted: { by: sort, order } },
      ...{ mayEnroll: has("enrollment.manage"), mayInvite: has("user.invite") },
    };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const form = await args.request.formData();
    // A browser sends the domain in ASCII.
    const email = shownEmail(textOf(form, "email").trim());
    form.set("email", email);
    return perform(form, pathTo.studioPeople(courseId), {
      enroll: { run: () => Enrollment.add({ courseId, email }), said: studio("enrolled", { email }) },
      invite: { run: () => Identity.invite({ email, courseId }), said: studio("invited", { email }) },
    });
  });

type Item = Awaited<ReturnType<typeof CourseProgress.roster>>["items"][number];

const columns: Column<Item>[] = [
  {
    key: "name",
    head: studio("sortName"),
    sort: { by: "name", first: "asc" },
    primary: true,
    cell: (item) => (
      <Link to={item.user.id} prefetch="intent" className="block hover:underline">
        <span dir="auto">{item.user.name}</span>
        <span className="block text-sm font-normal text-muted">{item.user.email}</span>
      </Link>
    ),
  },
  {
    key: "progress",
    head: studio("progress"),
    sort: { by: "percent", first: "desc" },
    cell: (item) => (
      <span className="flex items-center gap-3">
        <Progress percent={item.percent} className="w-24" />
        <span className="tabular-nums">{item.percent} %</span>
      </span>
    ),
  },
  {
    key: "left",
    head: studio("remaining"),
    cell: (item) => (item.completed ? studio("completed") : studio("left", { count: item.remainingCount })),
  },
  {
    key: "activity",
    head: studio("lastActivity"),
    sort: { by: "activity", first: "desc" },
    named: true,
    cell: (item) => (item.lastActivityAt ? <When at={item.lastActivityAt} /> : studio("notStarted")),
  },
  { key: "enrolled", head: studio("enrolledOn"), wideOnly: true, cell: (item) => <When at={item.enrolledAt} /> },
];

export default function Roster() {
  const { course, roster, sorted, mayEnroll, mayInvite } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const answer = useActionData<typeof action>();
  const isFiltered = Boolean(params.get("q") || params.get("status"));
  return (
    <>
      <CourseHead course={course} />
      {mayEnroll && <EnrollByEmail answer={answer} mayInvite={mayInvite} />}
      <div className="mb-6 grid gap-4">
        <PlainForm method="get" className="flex flex-wrap items-end gap-3">
          <Field
            label={studio("findLearner")}
            name="q"
            type="search"
            defaultValue={params.get("q") ?? ""}
            className="grow sm:max-w-xs"
          />
          {["sort", "order"].map(
            (name) => params.get(name) && <input key={name} type="hidden" name={name} value={params.get(name) ?? ""} />,
          )}
          {params.get("status") && <input type="hidden" name="status" value={params.get("status") ?? ""} />}
          <Button type="submit" variant="secondary">
            {studio("find")}
          </Button>
          {roster.items.length > 0 && <ExportLink to={pathTo.studioPeopleCsv(course.id)} className="sm:ms-auto" />}
        </PlainForm>
        <Chips
          name="status"
          label={studio("progress")}
          all={studio("all")}
          options={[
            { value: "active", label: studio("statusActive") },
            { value: "completed", label: studio("statusCompleted") },
          ]}
        />
      </div>
      {roster.items.length === 0 ? (
        <EmptyState title={isFiltered ? studio("all") : studio("noLearnersTitle")}>
          {studio("noLearnersBody")}
        </EmptyState>
      ) : (
        <>
          <Table
            caption={studio("learners")}
            columns={columns}
            rows={roster.items}
            rowKey={(item) => item.enrollmentId}
            sorted={sorted}
          />
          <Pagination nextCursor={roster.nextCursor} shown={roster.items.length} total={roster.total} />
        </>
      )}
    </>
  );
}

/** Enrolls a member, or offers to invite a person who is not one. */
function EnrollByEmail({ answer, mayInvite }: { answer: unknown; mayInvite: boolean }) {
  const state = stateOf(answer, "enroll") ?? stateOf(answer, "invite");
  const isUnknown = state !== undefined && "code" in state && state.code === "user.not_found";
  const email = state?.values.email ?? "";
  const words = isUnknown && !mayInvite ? { ...state, fieldErrors: { email: studio("inviteNotYours") } } : state;
  return (
    <div className="mb-8 grid max-w-lg gap-4 border-b border-line pb-6">
      <Form
        state={words}
        clears
        className="items-end gap-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:[&>[role=alert]]:col-span-2"
      >
        <input type="hidden" name="intent" value="enroll" />
        <Field
          label={studio("enrollEmail")}
          name="email"
          type="email"
          required
          className="grow"
          {...fieldProps(words, "email")}
        />
        <SubmitButton variant="secondary">{studio("enroll")}</SubmitButton>
      </Form>
      {isUnknown && mayInvite && (
        <PlainForm method="post" className="grid gap-2">
          <input type="hidden" name="intent" value="invite" />
          <input type="hidden" name="email" value={email} />
          <p className="text-ui text-soft">{studio("inviteLead")}</p>
          <SubmitButton className="justify-self-start">{studio("invite", { email })}</SubmitButton>
        </PlainForm>
      )}
    </div>
  );
}
