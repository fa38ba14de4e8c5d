import { createHash } from "node:crypto";
import { CopyObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { Aws } from "@lectern/core/kernel/aws";
import { Directory, SchoolItem, SlugItem } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { idPattern } from "@lectern/core/kernel/id";
import { Permission } from "@lectern/core/kernel/permission";
import { Resource } from "sst";
import * as z from "zod";
import { type Found, find, verify } from "../backup/find.ts";
import { connect } from "../cell/index.ts";
import { schemaOf } from "../provision/index.ts";
import { activate, claim, countSchools } from "../school/claim.ts";
import { requireSlug, reserve } from "../school/open.ts";
import { find as findSchool } from "../school/operate.ts";
import { commentOf, forgetMark, loadRows, mark, swap } from "./load.ts";
import { answer, asRestorer, finishRestore, type Restored, restoreItems } from "./restore.ts";

/**
 * Creates a new school from another's dump, to inspect old data or to bring back a removed school (by its id). It
 * copies rows, items and files and replaces the first school's id with the new one everywhere. After an interruption
 * the same call resumes. It sends no mail; "find my school" knows its people after the index is rebuilt.
 * @throws as `restore`, and `school.slug_taken`, `school.slug_lookalike`, `slug.*`
 */
export const restoreBeside = fn(
  Permission.none("the operator's command line only"),
  z.object({
    /** Slug or id of the dumped school. */
    of: z.string().trim().toLowerCase().max(200),
    from: z.string().trim().max(200).default("latest"),
    slug: z.string().trim().toLowerCase().max(200),
  }),
  (input) => restoreBesideWith(input),
);

export const besideSteps = ["reserved", "claimed", "registered", "rows", "swapped", "items", "files"] as const;

/** Like `restoreBeside`, with a callback after each step; tests kill the process there. */
export async function restoreBesideWith(
  { of, from, slug }: { of: string; from: string; slug: string },
  onStep: (step: (typeof besideSteps)[number]) => void | Promise<void> = () => {},
): Promise<Restored> {
  const begin = performance.now();
  requireSlug(slug);
  const dumped = idPattern("school").test(of) ? of : (await findSchool(of)).schoolId;
  const found = await find(dumped, from);
  await verify(found);

  // The same dump and address resume; if "latest" is another dump by then, the address is refused as taken.
  const key = createHash("sha256").update(`restore ${found.folder}`).digest("base64url");
  const reservation = await reserve(slug, key);
  if (reservation.state === "open" && reservation.schoolId)
    throw new DomainError("conflict", "school.slug_taken", `The address “${slug}” is taken: it was restored already.`);
  await onStep("reserved");
  const claimed = await claim(reservation.cell, reservation.openingId);
  const { schoolId } = claimed;
  await SlugItem().patch({ slug }).set({ schoolId }).go();
  await onStep("claimed");

  const cell = await Directory.cell(reservation.cell);
  if (!cell) throw new Error(`there is no cell ${reservation.cell}`);
  await register(found, { ...claimed, slug, cell: cell.id, table: cell.table });
  await onStep("registered");

  const sql = connect(cell.database, "lectern_provisioner");
  try {
    if ((await commentOf(sql, schemaOf(schoolId))) !== mark(found)) {
      await loadRows(sql, found, { schoolId });
      await onStep("rows");
      await swap(sql, schoolId, true);
    }
    await onStep("swapped");
    const epoch = await epochOf(sql, schoolId);
    await SchoolItem().patch({ schoolId }).set({ epoch }).go();
    Directory.forget(schoolId);
    const route = await Directory.readSchool(schoolId);
    if (!route) throw new Error(`the directory has lost ${schoolId}`);
    await asRestorer(route, () => restoreItems(found, schoolId));
    await onStep("items");
    await copyFiles(found.manifest.school.id, schoolId);
    await onStep("files");

    await activate(cell.id, schoolId);
    await SchoolItem().patch({ schoolId }).set({ state: "active" }).go();
    Directory.forget(schoolId);
    await asRestorer({ ...route, state: "active" }, () => finishRestore(found));
    await forgetMark(sql, schoolId);
  } finally {
    await sql.end();
  }
  await SlugItem().patch({ slug }).set({ state: "open", openedAt: new Date().toISOString() }).go();
  await countSchools(cell.id);
  return answer(found, { schoolId, slug, before: null, kept: null, begin });
}

async function register(
  { manifest }: Found,
  place: { schoolId: string; schema: string; epoch: number; slug: string; cell: string; table: string },
): Promise<void> {
  if (await Directory.readSchool(place.schoolId)) return;
  const { name, brand, locale, zone, id } = manifest.school;
  const { logo, logoDark, tagline, ...look } = brand;
  await SchoolItem()
    .put({
      ...{ ...place, name, locale, zone, state: "opening", plan: "free", createdAt: new Date().toISOString() },
      brand: {
        ...look,
        ...(tagline !== null && { tagline }),
        ...(logo !== null && { logo: logo.replace(id, place.schoolId) }),
        ...(logoDark !== null && { logoDark: logoDark.replace(id, place.schoolId) }),
      },
    })
    .go();
}

async function epochOf(sql: ReturnType<typeof connect>, schoolId: string): Promise<number> {
  const [row] = await sql<{ epoch: number }[]>`select epoch from catalog.school where id = ${schoolId}`;
  if (!row) throw new Error(`the catalog has lost ${schoolId}`);
  return row.epoch;
}

/** Copies every file of one school to another. The new school's rows refer to the new keys. */
async function copyFiles(from: string, to: string): Promise<void> {
  const Bucket = Resource.MediaBucket.name;
  let ContinuationToken: string | undefined;
  do {
    const page = await Aws.s3().send(new ListObjectsV2Command({ Bucket, Prefix: `${from}/`, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      if (!Key) continue;
      const CopySource = `${Bucket}/${Key.split("/").map(encodeURIComponent).join("/")}`;
      await Aws.s3().send(new CopyObjectCommand({ Bucket, Key: Key.replace(from, to), CopySource }));
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}
