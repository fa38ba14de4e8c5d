import { Course } from "@lectern/core/course";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { inPlainText } from "../server/refusal.server.ts";
import { stateOf } from "../server/request.server.ts";

/** A file of a course, for those who may read a page that shows it: storage hands it out itself, at an address that soon expires. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(args, async () => {
      const { url } = await Course.asset({ assetId: args.params.assetId ?? "" });
      return redirect(url, {
        headers: {
          // Shorter than the address lives; never shared, because it was given to this reader.
          "cache-control": "private, max-age=240",
          // After signing out it is another reader.
          vary: "Cookie",
          "x-content-type-options": "nosniff",
          "x-request-id": stateOf(args).requestId,
        },
      });
    }),
  );
