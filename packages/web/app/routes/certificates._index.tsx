import { pathTo } from "@lectern/core/kernel/path";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { account } from "../messages/en/account.ts";
import { CertificateCheck } from "../school/certificate.tsx";
import { asActor } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction = ({ matches }) => [pageTitle(account("checkTitle"), matches)];

/** Asks for a certificate's number, then redirects to its page. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const number = new URL(args.request.url).searchParams.get("number")?.trim();
    if (number) throw redirect(pathTo.certificate(number));
    return null;
  });

export default function Check() {
  return (
    <div className="mx-auto grid max-w-xl gap-6">
      <h1 className="font-read text-3xl font-medium">{account("checkTitle")}</h1>
      <CertificateCheck />
    </div>
  );
}
