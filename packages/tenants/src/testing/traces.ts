import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { idBody } from "@lectern/core/kernel/id";
import { Resource } from "sst";
import { login } from "./login.ts";

/** Returns everything anywhere that names the school by id or address, to check what a removal left. */
export async function tracesOf(school: Pick<Route, "schoolId" | "slug" | "cell" | "table">): Promise<string[]> {
  const found: string[] = [];
  const platform = await login("lectern_platform", school.cell);
  const body = idBody(school.schoolId);
  for (const [what, text] of [
    ["schema", `select nspname from pg_namespace where nspname like '%${body}%'`],
    ["role", `select rolname from pg_roles where rolname like '%${body}%'`],
    ["gate", `select id from catalog.school where id = '${school.schoolId}'`],
    ["ledger", `select version from catalog.ledger where school_id = '${school.schoolId}'`],
    ["outbox", `select id from bus.outbox where school_id = '${school.schoolId}' or envelope::text like '%${body}%'`],
  ] as const)
    for (const row of await platform.unsafe(text)) found.push(`${what} ${Object.values(row).join()}`);
  await platform.end();
  for (const table of [school.table, Resource.DirectoryTable.name, Resource.AuthTable.name]) {
    let from: Record<string, unknown> | undefined;
    do {
      const page = await Aws.dynamodb().send(new ScanCommand({ TableName: table, ExclusiveStartKey: from }));
      for (const item of page.Items ?? []) {
        const text = JSON.stringify(item);
        if (text.includes(body) || text.includes(`"${school.slug}"`)) found.push(`${table} ${item.pk} ${item.sk}`);
      }
      from = page.LastEvaluatedKey;
    } while (from);
  }
  for (const bucket of [Resource.MediaBucket.name, Resource.PackagesBucket.name]) {
    const { Contents = [] } = await Aws.s3().send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `${school.schoolId}/` }),
    );
    for (const { Key } of Contents) found.push(`${bucket} ${Key}`);
  }
  return found;
}
