import { Operator, Ops } from "@lectern/core/house/ops";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import * as z from "zod";
import type { FormState } from "../components/ui/index.ts";
import { operator } from "../messages/en/operator.ts";
import { OperatorErrors } from "../platform/operator-errors.tsx";
import { OperatorHead, OperatorSignIn } from "../platform/operator-sign-in.tsx";
import { OperatorTimes } from "../platform/operator-times.tsx";
import { onPlatform } from "../server/actor.server.ts";
import { parseForm, refused, refusedState } from "../server/form.server.ts";
import { limits, requireLimit } from "../server/limit.server.ts";
import { isOperator, operatorSignedIn, operatorSignedOut } from "../server/operator.server.ts";
import { redirect } from "../server/redirect.server.ts";

export const meta: MetaFunction = () => [
  { title: `${operator("title")} · Lectern` },
  { name: "robots", content: "noindex" },
];

/** Shows only the token form until the browser has presented the token. */
export const loader = (args: LoaderFunctionArgs) =>
  onPlatform(args, async () => {
    if (!(await isOperator(args))) return null;
    const [errors, report] = await Promise.all([Ops.errors({ limit: 50 }), Ops.lastReport()]);
    return { errors, report: report ?? (await Ops.today()), isToday: report === undefined };
  });

const TokenForm = z.object({ token: z.string(operator("wrongToken")).min(1, operator("wrongToken")) });

export const action = (args: ActionFunctionArgs) =>
  onPlatform(args, async () => {
    await isOperator(args);
    const form = await args.request.formData();
    if (form.get("intent") === "sign-out") {
      return redirect("/operator", { headers: { "set-cookie": await operatorSignedOut(args) } });
    }
    await requireLimit(args.request, limits.careful);
    const parsed = parseForm(TokenForm, form);
    if (!parsed.ok) return refused(parsed.state);
    if (!(await Operator.isOperator(parsed.value.token))) {
      const message = operator("wrongToken");
      return refused(refusedState(form, { code: "operator.token", message, fields: { token: message }, status: 422 }));
    }
    return redirect("/operator", { headers: { "set-cookie": await operatorSignedIn() } });
  });

export default function OperatorPage() {
  const data = useLoaderData<typeof loader>();
  const answer: FormState | undefined = useActionData<typeof action>();
  if (!data) return <OperatorSignIn answer={answer} />;
  return (
    <div className="py-10">
      <OperatorHead />
      <OperatorErrors groups={data.errors} />
      <OperatorTimes report={data.report} isToday={data.isToday} />
    </div>
  );
}
