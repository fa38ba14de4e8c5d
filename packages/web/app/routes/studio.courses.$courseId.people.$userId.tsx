import { pathTo } from "@lectern/core/kernel/path";
import { has } from "@lectern/core/kernel/permission";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress as CourseProgress } from "@lectern/core/learn/progress";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import {
  ConfirmForm,
  Duration,
  List,
  PageHeader,
  Progress,
  Section,
  stateOf,
  TextArea,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { Refused } from "../manage/refused.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.learner.user.name ?? studio("people") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const [course, learner] = await Promise.all([
      Course.head({ courseId }),
      CourseProgress.learner({ courseId, userId: param(args, "userId") }),
    ]);
    return { course, learner, mayReset: has("progress.reset"), mayWithdraw: has("enrollment.manage") };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const userId = param(args, "userId");
    const form = await args.request.formData();
    const name = textOf(form, "name");
    const people = pathTo.studioPeople(courseId);
    return perform(form, pathTo.studioPerson(courseId, userId), {
      reset: {
        run: () => CourseProgress.reset({ courseId, userId, reason: textOf(form, "reason") }),
        said: studio("resetSaid", { name }),
      },
      withdraw: {
        run: () => Enrollment.remove({ courseId, userId }),
        said: studio("withdrawn", { name }),
        to: people,
      },
    });
  });

export default function Learner() {
  const { course, learner, mayReset, mayWithdraw } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const { name } = learner.user;
  return (
    <>
      <PageHeader
        title={name}
        crumbs={[
          { to: "/studio", label: studio("courses") },
          { to: pathTo.studioCourse(course.id), label: course.title },
          { to: pathTo.studioPeople(course.id), label: studio("people") },
        ]}
        lead={learner.user.email}
      />
      <Refused state={stateOf(answer)} />
      <Section title={studio("progress")} lead={studio("explanation")}>
        <p className="font-read text-3xl tabular-nums">{learner.percent} %</p>
        <Progress percent={learner.percent} className="my-3 max-w-md" />
        <p className="max-w-prose">{learner.explanation}</p>
        <p className="mt-2 text-sm text-muted">
          {studio("enrolledOn")} <When at={learner.enrolledAt} />
          {learner.lastActivityAt && (
            <>
              {" · "}
              {studio("lastActivity")} <When at={learner.lastActivityAt} />
            </>
          )}
          {learner.certificateNumber && (
            <>
              {" · "}
              {studio("certificate")}{" "}
              <Link className="underline underline-offset-2" to={pathTo.certificate(learner.certificateNumber)}>
                {learner.certificateNumber}
              </Link>
            </>
          )}
        </p>
      </Section>
      {learner.remaining.length > 0 && (
        <Section title={studio("remaining")}>
          <List label={studio("remaining")}>
            {learner.remaining.map((lesson) => (
              <li key={lesson.lessonId} className="flex flex-wrap justify-between gap-x-4 py-2.5">
                <span className="min-w-0">
                  <span dir="auto">{lesson.title}</span>
                  <span className="block text-sm text-muted" dir="auto">
                    {lesson.module} · {lesson.reason}
                  </span>
                </span>
                <span className="text-sm text-muted">
                  <Duration minutes={lesson.minutes} />
                </span>
              </li>
            ))}
          </List>
        </Section>
      )}
      {learner.doneLessons.length > 0 && (
        <Section title={studio("doneLessons")}>
          <List label={studio("doneLessons")}>
            {learner.doneLessons.map((lesson) => (
              <li key={lesson.lessonId} className="flex flex-wrap justify-between gap-x-4 py-2.5">
                <span className="min-w-0">
                  <span dir="auto">{lesson.title}</span>
                  <span className="block text-sm text-muted" dir="auto">
                    {lesson.module}
                  </span>
                </span>
                <When at={lesson.at} className="text-sm text-muted" />
              </li>
            ))}
          </List>
        </Section>
      )}
      {(mayReset || mayWithdraw) && (
        <Section title={studio("edit")}>
          <div className="flex flex-wrap items-start gap-3">
            {mayReset && (
              <ConfirmForm
                trigger={studio("reset")}
                confirm={studio("resetConfirm", { name })}
                fields={{ intent: "reset", name }}
                more={<TextArea label={studio("resetReason")} name="reason" required rows={2} maxLength={500} />}
              >
                {studio("resetBody", { name })}
              </ConfirmForm>
            )}
            {mayWithdraw && (
              <ConfirmForm
                trigger={studio("withdraw")}
                confirm={studio("withdrawConfirm", { name })}
                fields={{ intent: "withdraw", name }}
              >
                {studio("withdrawBody", { name })}
              </ConfirmForm>
            )}
          </div>
        </Section>
      )}
    </>
  );
}
