import { Brand } from "@lectern/core/brand";
import { pathTo } from "@lectern/core/kernel/path";
import { School } from "@lectern/tenants/school";
import { createReadableStreamFromReadable, type LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { inPlainText } from "../server/refusal.server.ts";

/** The school's logo, for everyone. Its address changes with the file (`?v=`), so a browser may keep it for good. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(args, async ({ school }) => {
      const version = new URL(args.request.url).searchParams.get("v");
      const { light, dark } = Brand.logoPaths(school);
      const asked = version === null ? null : pathTo.logo(version);
      // Pages at the edge and mails name logos that were replaced. Only a file's own address may be kept for good.
      if (light && asked !== light && asked !== dark)
        return redirect(light, { headers: { "cache-control": "public, max-age=60" } });
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
