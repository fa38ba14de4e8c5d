import { isDomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { has } from "@lectern/core/kernel/permission";
import { Url } from "@lectern/core/kernel/url";
import { Certificate } from "@lectern/core/learn/certificate";
import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { stateOf as stateOfForm } from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { account } from "../messages/en/account.ts";
import { CertificateCare, CertificateSheet, CertificateUnknown } from "../school/certificate.tsx";
import { asActor, requireUser } from "../server/actor.server.ts";
import { redirectWith } from "../server/flash.server.ts";
import { refused, refusedState } from "../server/form.server.ts";
import { param } from "../server/params.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { attempt } from "../server/refusal.server.ts";
import { stateOf } from "../server/request.server.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) => [
  pageTitle(
    data?.certificate ? `${account("certificateTitle")}: ${data.certificate.courseTitle}` : account("checkTitle"),
    matches,
  ),
  { name: "robots", content: "noindex" },
];

/** Public verification: shows what the certificate says and whether it is valid. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    // A revocation must show at once, so the edge must not cache this page.
    stateOf(args).isPrivate = true;
    const number = args.params.number ?? "";
    const accent = actor.school.brand.accent;
    try {
      const certificate = await Certificate.byNumber({ number });
      return {
        certificate,
        number,
        accent,
        problem: null,
        mayManage: has("certificate.manage"),
        url: Url.schoolUrl(actor.school, pathTo.certificate(certificate.number)),
      };
    } catch (error) {
      if (!isDomainError(error) || error.kind !== "not_found") throw error;
      const current = has("certificate.read") ? await Certificate.newNumberOf({ number }) : null;
      if (current) throw redirect(pathTo.certificate(current));
      const problem = { verdict: verdicts[error.code] ?? ("unknown" as const), message: error.message };
      return data({ certificate: null, number, accent, problem, url: "", mayManage: false }, { status: 404 });
    }
  });

const verdicts: Readonly<Record<string, "mistyped" | "revoked" | "replaced">> = {
  "certificate.mistyped": "mistyped",
  "certificate.revoked": "revoked",
  "certificate.replaced": "replaced",
};

/** Revokes or reissues a certificate; core checks the permission. */
export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const number = param(args, "number");
    const form = await args.request.formData();
    if (form.get("intent") === "reissue") {
      const issued = await attempt(Certificate.reissue({ number }));
      if (!issued.ok) return refused(refusedState(form, issued.refusal), issued.refusal.status);
      return redirectWith(pathTo.certificate(issued.value.number), account("reissued"));
    }
    return perform(form, pathTo.certificate(number), {
      revoke: {
        run: () => Certificate.revoke({ number, reason: textOf(form, "reason") }),
        said: account("revokedSaid"),
      },
    });
  });

export default function CertificatePage() {
  const { certificate, number, problem, url, mayManage } = useLoaderData<typeof loader>();
  const state = stateOfForm(useActionData<typeof action>());
  return certificate ? (
    <>
      <CertificateSheet certificate={certificate} url={url} />
      {mayManage && <CertificateCare certificate={certificate} state={state} />}
    </>
  ) : (
    <CertificateUnknown number={number} verdict={problem?.verdict ?? "unknown"} message={problem?.message ?? ""} />
  );
}
