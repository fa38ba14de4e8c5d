import * as Brand from "@lectern/core/house/brand";
import { type Route, useSchool } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { fn } from "@lectern/core/kernel/fn";
import * as Audit from "@lectern/core/people/audit";
import { tidy } from "@lectern/core/util/text";
import * as z from "zod";
import { SchoolName } from "./name.ts";
import { Events } from "./school.event.ts";

const Gone = z.null("A logo is uploaded and confirmed; only null can be set here, which removes it.");

/**
 * Changes the school's name and look; omitted fields stay. It can remove a logo; `confirmLogo` sets one. Other
 * processes show the change within 30 seconds.
 */
export const setBrand = fn.any(
  "school.brand",
  z.object({
    name: SchoolName.optional(),
    accent: Brand.Accent.optional(),
    font: Brand.Font.optional(),
    radius: Brand.Radius.optional(),
    logo: Gone.optional(),
    logoDark: Gone.optional(),
    logoHasName: z.boolean().optional(),
    tagline: z
      .string()
      .overwrite((text) => tidy(text).trim())
      .max(160, "A tagline has at most 160 characters.")
      .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, "A tagline has no control characters.")
      .nullable()
      .optional(),
  }),
  (change): Promise<Route> => changeBrand(change),
);

/** Writes the change with its audit entry and event. The caller has checked the permission and every key. */
export async function changeBrand(change: Change): Promise<Route> {
  const { schoolId } = useSchool();
  const known = await Directory.readSchool(schoolId);
  if (!known) throw Directory.notFound();
  const defined = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const before = { name: known.name, ...known.brand };
  await Db.use(async () => {
    await Audit.record({
      action: "brand.changed",
      targetType: "school",
      targetId: schoolId,
      data: Audit.changes(before, { ...before, ...defined }),
    });
    await Events.BrandChanged.emit({});
    // Before the commit, so that a refusal by the directory leaves no audit entry or event.
    await write(schoolId, change);
  });
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw Directory.notFound();
  return route;
}

interface Change {
  name?: string | undefined;
  accent?: string | undefined;
  font?: string | undefined;
  radius?: Route["brand"]["radius"] | undefined;
  logo?: string | null | undefined;
  logoDark?: string | null | undefined;
  logoHasName?: boolean | undefined;
  tagline?: string | null | undefined;
}

async function write(schoolId: string, change: Change): Promise<void> {
  const route = await Directory.readSchool(schoolId);
  if (!route) throw Directory.notFound();
  const { name = route.name, ...look } = change;
  const defined = Object.fromEntries(Object.entries(look).filter(([, value]) => value !== undefined));
  const { logo, logoDark, tagline, ...rest } = { ...route.brand, ...defined };
  await SchoolItem()
    .patch({ schoolId })
    .set({
      name,
      brand: { ...rest, ...(logo && { logo }), ...(logoDark && { logoDark }), ...(tagline && { tagline }) },
    })
    .go();
}
