import { Brand } from "@lectern/core/house/brand";
import { pathTo } from "@lectern/core/kernel/path";
import { School } from "@lectern/tenants/school";
import { createReadableStreamFromReadable, type LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { inPlainText } from "../server/refusal.server.ts";

/**
 * Serves the school's logo to everyone. Its address contains the file's version (`?v=`), so browsers may cache it
 * forever.
 */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(args, async ({ school }) => {
      const version = new URL(args.request.url).searchParams.get("v");
      const { light, dark } = Brand.logoPaths(school);
      const asked = version === null ? null : pathTo.logo(version);
      // Cached pages and mails still name replaced logos. Only the current file's own address may be cached forever.
      if (light && asked !== light && asked !== dark)
        return redirect(light, { headers: { "cache-control": "public, max-age=60" } });
      const { contentType, bytes, body } = await School.readLogo({ version: version?.slice(0, 100) ?? null });
      return new Response(createReadableStreamFromReadable(body), {
        headers: {
          "content-type": contentType,
          "content-length": String(bytes),
          "cache-control": "public, max-age=31536000, immutable",
          "x-content-type-options": "nosniff",
          // Keeps an SVG that is opened directly from running scripts or loading anything.
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
      });
    }),
  );
