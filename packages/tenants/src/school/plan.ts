import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { fn } from "@lectern/core/kernel/fn";
import * as z from "zod";

/** Returns the school's plan. */
export const plan = fn("billing.read", z.object({}).default({}), async (): Promise<{ plan: string }> => {
  const { data } = await SchoolItem().get({ schoolId: useSchool().schoolId }).go();
  if (!data) throw Directory.notFound();
  return { plan: data.plan };
});
