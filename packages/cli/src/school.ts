import { byOperator, type Route, withActor } from "@lectern/core/kernel/actor";
import { localCloud } from "@lectern/core/kernel/aws";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { createId } from "@lectern/core/kernel/id";

export async function schoolOf(slug: string): Promise<Route> {
  const school = await Directory.byHost(`${slug}.${Directory.platformHost()}`);
  if (!school) {
    throw new DomainError("not_found", "school.not_found", `There is no school "${slug}".`, {
      school: "No such school.",
    });
  }
  return school;
}

/** Runs work in a school as the platform; audit entries name the operator. */
export async function asOperator<T>(slug: string, work: (school: Route) => Promise<T>): Promise<T> {
  const school = await schoolOf(slug);
  return withActor(
    { type: "system", school, requestId: createId("request"), reason: byOperator("lectern command line") },
    () => work(school),
  );
}

/** Refuses destructive commands on stages. */
export function requireLocal(what: string): void {
  if (localCloud()) return;
  throw new DomainError("forbidden", "stage.not_local", `${what} is for local stages only.`);
}

/** Splits "Ada King Lovelace" into given "Ada King" and family "Lovelace". */
export function splitName(name: string): { givenName: string; familyName: string } {
  const words = name.trim().split(/\s+/);
  if (words.length === 1) return { givenName: words[0] ?? "", familyName: "" };
  return { givenName: words.slice(0, -1).join(" "), familyName: words.at(-1) ?? "" };
}

/** Derives a first name and last name from an address: ada.lovelace@... gives Ada Lovelace. */
export function nameFromEmail(email: string): { givenName: string; familyName: string } {
  const words = (email.split("@", 1)[0] ?? "").split(/[._+-]+/).filter(Boolean);
  const name = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(" ");
  return splitName(name || "Owner");
}
