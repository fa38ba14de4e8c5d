import { Audit } from "@lectern/core/people/audit";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { actorOf, detailsOf, sentence } from "../manage/audit-words.ts";
import { audit, targetWords } from "../messages/en/audit.ts";
import { asActor } from "../server/actor.server.ts";
import { auditQuery } from "../server/audit-query.server.ts";
import { type CsvColumn, csvResponse } from "../server/csv.server.ts";
import { limits } from "../server/limit.server.ts";
import { inPlainText } from "../server/refusal.server.ts";

type Entry = Awaited<ReturnType<typeof Audit.exportAll>>[number];

const changed = (entry: Entry, side: "before" | "after"): string =>
  detailsOf(entry)
    .changes.map((change) => `${change.field}: ${change[side]}`)
    .join("\n");

const columns: CsvColumn<Entry>[] = [
  { head: audit("when"), at: ({ at }) => at },
  { head: audit("who"), cell: actorOf },
  { head: audit("what"), cell: ({ action }) => sentence(action) },
  { head: audit("target"), cell: ({ target }) => target.name ?? audit("goneTarget") },
  { head: audit("targetKind"), cell: ({ target }) => targetWords[target.type] ?? target.type },
  { head: audit("before"), cell: (entry) => changed(entry, "before") },
  { head: audit("after"), cell: (entry) => changed(entry, "after") },
  {
    head: audit("details"),
    cell: (entry) =>
      detailsOf(entry)
        .facts.map(({ field, value }) => `${field}: ${value}`)
        .join("\n"),
  },
  { head: audit("requestId"), cell: ({ requestId }) => requestId },
];

/** Exports the audit trail with the page's filters. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(
      args,
      async ({ school }) =>
        csvResponse(school, "audit", columns, await Audit.exportAll(auditQuery(new URL(args.request.url)))),
      { limit: limits.export },
    ),
  );
