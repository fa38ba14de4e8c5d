import { useSchool } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form as PlainForm, useActionData, useLoaderData } from "@remix-run/react";
import {
  Field,
  Form,
  fieldProps,
  List,
  Section,
  Select,
  SubmitButton,
  stateOf,
  TextArea,
} from "../components/ui/index.ts";
import { finishUpload, perform, textOf } from "../manage/acts.server.ts";
import { ArrivedUpload } from "../manage/arrived-upload.tsx";
import { CourseHead } from "../manage/course-head.tsx";
import { History } from "../manage/history.tsx";
import { OtherVersion } from "../manage/other-version.tsx";
import { Refused } from "../manage/refused.tsx";
import { SaveBar } from "../manage/save-bar.tsx";
import { UploadForm } from "../manage/upload-form.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { param } from "../server/params.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.course.title ?? studio("details") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const { pathname, searchParams } = new URL(args.request.url);
    // Storage redirects here after the upload, with the object's key in the address.
    const uploaded = searchParams.get("key")?.split("/").at(-2);
    const arrived = uploaded ? { intent: "cover", assetId: uploaded } : null;
    const versionId = searchParams.get("version");
    const [versions, shown] = await Promise.all([
      Course.history({ courseId }),
      versionId ? Course.textVersion({ courseId, versionId }) : null,
    ]);
    const [course, cover] = await Promise.all([
      Course.editor({ courseId }),
      Course.uploadAsset({ courseId, kind: "cover", redirect: hereUrl(args.request, useSchool(), pathname) }),
    ]);
    return { arrived, course, cover, versions, shown };
  });

const levels = ["any", "beginner", "intermediate", "advanced"] as const;

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const form = await args.request.formData();
    if (form.get("intent") === "cover") {
      const assetId = textOf(form, "assetId");
      return finishUpload(form, pathTo.studioDetails(courseId), {
        run: async () => {
          await Course.confirmAsset({ courseId, assetId, kind: "cover" });
          await Course.setCover({ courseId, assetId });
        },
        said: studio("coverSaved"),
      });
    }
    const outcomes = textOf(form, "outcomes")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    return perform(form, pathTo.studioDetails(courseId), {
      details: {
        run: () =>
          Course.update({
            courseId,
            version: Number(textOf(form, "version")),
            title: textOf(form, "title"),
            summary: textOf(form, "summary"),
            descriptionHtml: textOf(form, "descriptionHtml"),
            level: levels.find((level) => level === form.get("level")) ?? "any",
            language: textOf(form, "language"),
            categoryId: textOf(form, "categoryId") || null,
            outcomes,
          }),
        said: studio("saved"),
        rename: Object.fromEntries(outcomes.map((_, index) => [`outcomes.${index}`, "outcomes"])),
      },
      restore: {
        run: async () => {
          const { texts } = await Course.textVersion({ courseId, versionId: textOf(form, "versionId") });
          const { title, summary = "", descriptionHtml = "", outcomes: lines = "" } = texts;
          await Course.update({
            ...{ courseId, version: Number(textOf(form, "version")), summary, descriptionHtml },
            ...{ outcomes: lines.split("\n").filter(Boolean), ...(title !== undefined && { title }) },
          });
        },
        said: studio("restored"),
      },
      staff: {
        run: () => Course.addStaff({ courseId, email: textOf(form, "email"), role: "instructor" }),
        said: studio("staffAdded"),
      },
      unstaff: {
        run: () => Course.removeStaff({ courseId, userId: textOf(form, "userId") }),
        said: studio("staffRemoved"),
      },
    });
  });

export default function Details() {
  const { arrived, course, cover, versions, shown } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "details");
  const here = pathTo.studioDetails(course.id);
  const seen = state?.values.version;
  const texts = [
    { field: "title", label: studio("title"), text: course.title },
    { field: "summary", label: studio("summary"), text: course.summary },
    { field: "outcomes", label: studio("outcomes"), text: course.outcomes.join("\n") },
    { field: "descriptionHtml", label: studio("description"), text: course.descriptionHtml },
  ];
  return (
    <>
      <CourseHead course={course} />
      {arrived && <ArrivedUpload fields={arrived} />}
      <Refused state={stateOf(answer, "restore")} />
      <Section title={studio("details")}>
        <Form state={state} saved={course.version} className="max-w-2xl">
          <input type="hidden" name="intent" value="details" />
          {seen !== undefined && seen !== String(course.version) && (
            <OtherVersion
              takeTheirs={here}
              texts={texts.map(({ field, label, text }) => ({
                label,
                theirs: text,
                mine: state?.values[field] ?? text,
              }))}
            />
          )}
          <Field
            label={studio("title")}
            name="title"
            required
            maxLength={200}
            {...fieldProps(state, "title", course.title)}
          />
          <Field
            label={studio("summary")}
            help={studio("summaryHelp")}
            name="summary"
            maxLength={300}
            {...fieldProps(state, "summary", course.summary)}
          />
          <TextArea
            label={studio("outcomes")}
            help={studio("outcomesHelp")}
            name="outcomes"
            rows={5}
            {...fieldProps(state, "outcomes", course.outcomes.join("\n"))}
          />
          <TextArea
            label={studio("description")}
            help={studio("descriptionHelp")}
            name="descriptionHtml"
            rows={8}
            {...fieldProps(state, "descriptionHtml", course.descriptionHtml)}
          />
          <div className="grid gap-6 sm:grid-cols-2">
            <Select
              label={studio("level")}
              name="level"
              options={[
                { value: "any", label: studio("levelAny") },
                { value: "beginner", label: studio("levelBeginner") },
                { value: "intermediate", label: studio("levelIntermediate") },
                { value: "advanced", label: studio("levelAdvanced") },
              ]}
              {...fieldProps(state, "level", course.level)}
            />
            <Select
              label={studio("category")}
              name="categoryId"
              options={[
                { value: "", label: studio("categoryNone") },
                ...course.categories.map((category) => ({ value: category.id, label: category.name })),
              ]}
              {...fieldProps(state, "categoryId", course.category?.id)}
            />
            <Field
              label={studio("language")}
              help={studio("languageHelp")}
              name="language"
              required
              maxLength={35}
              dir="ltr"
              {...fieldProps(state, "language", course.language)}
            />
            <div className="grid content-start gap-1.5">
              <span className="text-ui font-medium">{studio("price")}</span>
              <span className="flex min-h-11 items-center">{studio("priceFree")}</span>
              <span className="text-sm text-muted">{studio("priceHelp")}</span>
            </div>
          </div>
          <div>
            <SaveBar seen={seen} version={course.version} label={studio("saveDetails")} />
          </div>
        </Form>
      </Section>
      <Section title={studio("cover")}>
        {course.coverUrl && (
          <img
            src={course.coverUrl}
            alt=""
            className="mb-4 aspect-video w-full max-w-sm rounded-m border border-line object-cover"
          />
        )}
        <UploadForm
          upload={cover}
          label={studio("cover")}
          help={studio("coverHelp")}
          accept="image/jpeg,image/png,image/webp"
          submit={studio("uploadCover")}
        />
      </Section>
      <Section title={studio("staff")}>
        <Refused state={stateOf(answer, "staff") ?? stateOf(answer, "unstaff")} />
        <List label={studio("staff")}>
          {course.staff.map((person) => (
            <li key={person.userId} className="flex flex-wrap items-center justify-between gap-3 py-2.5">
              <span>
                <span dir="auto">{person.name}</span> <span className="text-sm text-muted">{person.email}</span>
              </span>
              <PlainForm method="post">
                <input type="hidden" name="intent" value="unstaff" />
                <input type="hidden" name="userId" value={person.userId} />
                <SubmitButton size="small" variant="quiet">
                  {studio("removeStaff")}
                </SubmitButton>
              </PlainForm>
            </li>
          ))}
        </List>
        <Form clears className="mt-4 max-w-lg items-end gap-3 sm:grid-cols-[minmax(0,1fr)_auto]">
          <input type="hidden" name="intent" value="staff" />
          <Field label={studio("staffEmail")} name="email" type="email" required className="grow" />
          <SubmitButton variant="secondary">{studio("addStaff")}</SubmitButton>
        </Form>
      </Section>
      <History here={here} version={course.version} items={versions} shown={shown} now={texts} />
    </>
  );
}
