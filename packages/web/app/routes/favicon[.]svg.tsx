import { Brand } from "@lectern/core/house/brand";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { hostFor } from "../server/host.server.ts";
import { refusing } from "../server/refusal.server.ts";

/** Draws the tab icon: the school's initial in its accent, or the platform's logo. */
export const loader = (args: LoaderFunctionArgs) =>
  refusing(args, async () => {
    // The error page of an unknown host needs an icon too.
    const host = await hostFor(args).catch(() => undefined);
    const svg = host?.kind === "school" ? letter(host.route.name, Brand.fill(host.route.brand)) : desk;
    return new Response(svg, {
      headers: {
        "content-type": "image/svg+xml",
        "cache-control": "public, max-age=3600",
        "x-content-type-options": "nosniff",
      },
    });
  });

function letter(name: string, { accent, onAccent, edge }: Brand.Fill): string {
  const first = [...name.trim()][0]?.toUpperCase() ?? "";
  const safe = /[\p{L}\p{N}]/u.test(first) ? first : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x=".5" y=".5" width="31" height="31" rx="7" fill="${accent}" stroke="${edge}"/><text x="16" y="23" font-family="Georgia,serif" font-size="21" font-weight="600" text-anchor="middle" fill="${onAccent}">${safe}</text></svg>`;
}

const desk =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 5.5 20 3v9.5L4 15z" fill="#1f7a52"/><path d="M12 14v7M7.5 21h9" fill="none" stroke="#888" stroke-width="2" stroke-linecap="round"/></svg>';
