import { Progress } from "@lectern/core/learn/progress";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { type CsvColumn, csvResponse } from "../server/csv.server.ts";
import { limits } from "../server/limit.server.ts";
import { param } from "../server/params.server.ts";
import { inPlainText } from "../server/refusal.server.ts";
import { rosterQuery } from "../server/roster-query.server.ts";

type Item = Awaited<ReturnType<typeof Progress.exportRoster>>["items"][number];

const statusWords = {
  active: studio("statusActive"),
  completed: studio("statusCompleted"),
  withdrawn: studio("statusWithdrawn"),
};

const columns: CsvColumn<Item>[] = [
  { head: studio("sortName"), cell: ({ user }) => user.name },
  { head: studio("email"), cell: ({ user }) => user.email },
  { head: studio("department"), cell: ({ user }) => user.department },
  { head: studio("status"), cell: ({ status }) => statusWords[status] },
  { head: studio("percent"), cell: ({ percent }) => percent },
  { head: studio("lessonsLeft"), cell: ({ remainingCount }) => remainingCount },
  { head: studio("lastActivity"), at: ({ lastActivityAt }) => lastActivityAt },
  { head: studio("enrolledOn"), at: ({ enrolledAt }) => enrolledAt },
  { head: studio("certificate"), cell: ({ certificateNumber }) => certificateNumber },
  { head: studio("personId"), cell: ({ user }) => user.id },
];

/** Exports the roster with progress and the list's filters. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(
      args,
      async ({ school }) => {
        const { cursor: _, limit: __, ...query } = rosterQuery(new URL(args.request.url));
        const { course, items } = await Progress.exportRoster({ courseId: param(args, "courseId"), ...query });
        return csvResponse(school, course.slug, columns, items);
      },
      { limit: limits.export },
    ),
  );
