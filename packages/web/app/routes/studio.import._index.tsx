import { useSchool } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { CourseImport } from "@lectern/core/learn/course-import";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Badge, EmptyState, List, PageHeader, Section, When } from "../components/ui/index.ts";
import { importTone, importWord } from "../manage/import-words.ts";
import { UploadForm } from "../manage/upload-form.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { hereUrl } from "../server/host.server.ts";

export const meta: MetaFunction = () => [{ title: studio("importCourse") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const [upload, imports] = await Promise.all([
      CourseImport.upload({ here: hereUrl(args.request, useSchool(), "/") }),
      CourseImport.list({}),
    ]);
    return { upload, imports };
  });

export default function Imports() {
  const { upload, imports } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title={studio("importCourse")}
        crumbs={[{ to: "/studio", label: studio("courses") }]}
        lead={studio("importLead")}
      />
      <UploadForm
        upload={upload}
        label={studio("importFile")}
        help={studio("importHelp")}
        accept=".zip,.imscc,.md,.html,application/zip"
        submit={studio("importStart")}
      />
      <Section title={studio("imports")}>
        {imports.items.length === 0 ? (
          <EmptyState title={studio("importNone")}>{studio("importNoneBody")}</EmptyState>
        ) : (
          <List label={studio("imports")}>
            {imports.items.map((item) => (
              <li key={item.id}>
                <Link
                  to={pathTo.courseImport(item.id)}
                  className="flex flex-wrap items-center gap-3 py-3 hover:bg-sunk"
                >
                  <span className="min-w-0 grow font-medium break-all">{item.title ?? item.fileName}</span>
                  <Badge tone={importTone[item.status]}>{importWord[item.status]}</Badge>
                  <span className="text-sm text-muted">
                    <When at={item.createdAt} />
                  </span>
                </Link>
              </li>
            ))}
          </List>
        )}
      </Section>
    </>
  );
}
