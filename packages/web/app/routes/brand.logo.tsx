import { DomainError } from "@lectern/core/kernel/error";
import { Storage } from "@lectern/core/kernel/storage";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { inPlainText } from "../server/refusal.server.ts";

/** The school's logo, for everyone. Its address changes with the file (`?v=`), so a browser may keep it for good. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(args, async (actor) => {
      const { logo } = actor.school.brand;
      const file = logo ? await Storage.get({ key: logo }) : undefined;
      if (!file) throw new DomainError("not_found", "brand.no_logo", "This school has no logo.");
      return new Response(new Uint8Array(file.body), {
        headers: {
          "content-type": file.contentType,
          "cache-control": "public, max-age=31536000, immutable",
          "x-content-type-options": "nosniff",
          // An SVG opened by itself runs nothing.
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
      });
    }),
  );
