import { School } from "@lectern/tenants/school";
import { createReadableStreamFromReadable, type LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { inPlainText } from "../server/refusal.server.ts";

/** The school's logo, for everyone. Its address changes with the file (`?v=`), so a browser may keep it for good. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(args, async () => {
      const version = new URL(args.request.url).searchParams.get("v");
      const { contentType, bytes, body } = await School.readLogo({ version: version?.slice(0, 100) ?? null });
      return new Response(createReadableStreamFromReadable(body), {
        headers: {
          "content-type": contentType,
          "content-length": String(bytes),
          "cache-control": "public, max-age=31536000, immutable",
          "x-content-type-options": "nosniff",
          // An SVG that is opened directly runs nothing and loads nothing.
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
      });
    }),
  );
