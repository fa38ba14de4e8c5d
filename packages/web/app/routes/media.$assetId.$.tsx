import { Course } from "@lectern/core/learn/course";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { inPlainText } from "../server/refusal.server.ts";
import { stateOf } from "../server/request.server.ts";

/** Redirects readers of a page that shows the file to a presigned URL in storage. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(args, async () => {
      const { url } = await Course.asset({ assetId: args.params.assetId ?? "" });
      return redirect(url, {
        headers: {
          // Shorter than the URL's lifetime; private, because the URL was signed for this reader.
          "cache-control": "private, max-age=240",
          // After signing out the same browser is another reader.
          vary: "Cookie",
          "x-content-type-options": "nosniff",
          "x-request-id": stateOf(args).requestId,
        },
      });
    }),
  );
