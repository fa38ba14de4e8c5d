import { Erasure } from "@lectern/tenants/erasure";
import { eachSchool } from "./each-school.ts";
import { asOperator } from "./school.ts";

export async function eraseAgain(only: string | undefined): Promise<{ schools: number; erased: string[] }> {
  const found: { schools: number; erased: string[] } = { schools: 0, erased: [] };
  for await (const slug of eachSchool(only)) {
    found.erased.push(...(await asOperator(slug, () => Erasure.again())).erased);
    found.schools += 1;
  }
  return found;
}
