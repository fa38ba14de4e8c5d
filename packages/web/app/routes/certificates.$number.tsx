import { Certificate } from "@lectern/core/certificate";
import { isDomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { account } from "../messages/en/account.ts";
import { CertificateSheet, CertificateUnknown } from "../school/certificate.tsx";
import { asActor } from "../server/actor.server.ts";
import { stateOf } from "../server/request.server.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) => [
  pageTitle(
    data?.certificate ? `${account("certificateTitle")}: ${data.certificate.courseTitle}` : account("checkTitle"),
    matches,
  ),
  { name: "robots", content: "noindex" },
];

/** The public check: whoever has the number sees what the paper says and whether it still counts. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    // A revocation must show at once, so no cache in between.
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
        url: Url.schoolUrl(actor.school, pathTo.certificate(certificate.number)),
      };
    } catch (error) {
      if (!isDomainError(error) || error.kind !== "not_found") throw error;
      const problem = { isMistyped: error.code === "certificate.mistyped", message: error.message };
      return data({ certificate: null, number, accent, problem, url: "" }, { status: 404 });
    }
  });

export default function CertificatePage() {
  const { certificate, number, problem, url } = useLoaderData<typeof loader>();
  return certificate ? (
    <CertificateSheet certificate={certificate} url={url} />
  ) : (
    <CertificateUnknown number={number} isMistyped={problem?.isMistyped ?? false} message={problem?.message ?? ""} />
  );
}
