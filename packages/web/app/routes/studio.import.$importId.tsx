import { pathTo } from "@lectern/core/kernel/path";
import { CourseImport } from "@lectern/core/learn/course-import";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { Badge, ButtonLink, ConfirmForm, Notice, PageHeader, Section, stateOf } from "../components/ui/index.ts";
import { perform } from "../manage/acts.server.ts";
import { ArrivedUpload } from "../manage/arrived-upload.tsx";
import { ImportReport } from "../manage/import-report.tsx";
import { importTone, importWord } from "../manage/import-words.ts";
import { JobProgress } from "../manage/job-progress.tsx";
import { Refused } from "../manage/refused.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";
import { redirect } from "../server/redirect.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.item?.title ?? studio("imports") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const importId = param(args, "importId");
    // Storage redirects here after the upload. There is no import before the form below starts it.
    const isArrived = new URL(args.request.url).searchParams.has("uploaded");
    return isArrived ? { item: null } : { item: await CourseImport.get({ importId }) };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const importId = param(args, "importId");
    const form = await args.request.formData();
    if (form.get("intent") === "start") {
      // Starting is idempotent, so a reload is safe.
      await CourseImport.start({ importId });
      return redirect(pathTo.courseImport(importId));
    }
    return perform(form, pathTo.courseImport(importId), {
      undo: { run: () => CourseImport.undo({ importId }), said: studio("importUndoneSaid") },
    });
  });

export default function Import() {
  const { item } = useLoaderData<typeof loader>();
  return item ? <ImportPage item={item} /> : <Arrived />;
}

const crumbs = [
  { to: "/studio", label: studio("courses") },
  { to: "/studio/import", label: studio("imports") },
];

const Arrived = () => (
  <>
    <PageHeader title={studio("importCourse")} crumbs={crumbs} />
    <ArrivedUpload fields={{ intent: "start" }} />
  </>
);

function ImportPage({ item }: { item: CourseImport.Info }) {
  const answer = useActionData<typeof action>();
  const isMoving = item.status === "queued" || item.status === "running" || item.status === "waiting";
  const { report } = item;
  return (
    <>
      <PageHeader
        title={item.title ?? item.fileName}
        crumbs={crumbs}
        badge={<Badge tone={importTone[item.status]}>{importWord[item.status]}</Badge>}
        action={
          item.status === "done" &&
          item.courseId && <ButtonLink to={pathTo.studioCourse(item.courseId)}>{studio("importOpen")}</ButtonLink>
        }
        lead={
          report &&
          (report.modules === 0
            ? studio("importEmptyLead")
            : studio("importDoneLead", { modules: report.modules, lessons: report.lessons }))
        }
      />
      <Refused state={stateOf(answer)} />
      {isMoving && (
        <JobProgress percent={item.percent} label={importWord[item.status]} refresh={studio("importRefresh")}>
          {studio("importProgress")}
        </JobProgress>
      )}
      {item.refusal && (
        <Notice tone="danger" title={item.refusal.message}>
          <code className="text-sm">{item.refusal.code}</code>
        </Notice>
      )}
      {report && <ImportReport report={report} />}
      {item.status === "done" && item.courseId && (
        <Section title={studio("importUndo")}>
          <ConfirmForm trigger={studio("importUndo")} confirm={studio("importUndoConfirm")} fields={{ intent: "undo" }}>
            {studio("importUndoBody", { title: item.title ?? item.fileName })}
          </ConfirmForm>
        </Section>
      )}
    </>
  );
}
