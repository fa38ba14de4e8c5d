import { refusalIn } from "@lectern/core/kernel/error";
import { log } from "@lectern/core/kernel/log";
import { type Role, roleNames } from "@lectern/core/kernel/permission";
import { Identity } from "@lectern/core/people/identity";
import { admin, roleWords } from "../messages/en/admin.ts";
import { redirectWith } from "../server/flash.server.ts";
import { refused } from "../server/form.server.ts";
import { attempt } from "../server/refusal.server.ts";
import { textOf } from "./acts.server.ts";

type Person = Awaited<ReturnType<typeof Identity.get>>;

/** Largest selection: two pages of the list. */
const most = 100;

const actsOf = (role: Role | undefined): Readonly<Record<string, Act>> => ({
  suspend: { run: (userId) => Identity.suspend({ userId }), said: (names) => admin("manySuspended", { names }) },
  reinstate: { run: (userId) => Identity.reinstate({ userId }), said: (names) => admin("manyReinstated", { names }) },
  ...(role && {
    give: {
      run: (userId) => Identity.grantRole({ userId, role }),
      said: (names) => admin("manyGiven", { names, role: roleWords[role] ?? role }),
    },
    take: {
      run: (userId) => Identity.revokeRole({ userId, role }),
      said: (names) => admin("manyTaken", { names, role: roleWords[role] ?? role }),
    },
  }),
});

interface Act {
  readonly run: (userId: string) => Promise<Person>;
  readonly said: (names: string) => string;
}

/**
 * Runs one act for each ticked person in order, each in its own transaction with its own permission check and audit
 * entry. The answer names who was done and who was refused and why. When a service fails midway, it counts the people
 * not changed.
 */
export async function performForMany(form: FormData, here: string) {
  const intent = textOf(form, "intent");
  const role = roleNames.find((name) => name === form.get("role"));
  const acts = actsOf(role);
  const act = Object.hasOwn(acts, intent) ? acts[intent] : undefined;
  const ids = [...new Set(form.getAll("userId"))].filter((id) => typeof id === "string");
  const answer = (formErrors: string[], status: number, done: readonly string[] = []) =>
    refused({ intent, values: { role: role ?? "", done: done.join(", ") }, fieldErrors: {}, formErrors }, status);
  if (!act) return answer([admin("manyUnknown")], 422);
  if (ids.length === 0) return answer([admin("manyNobody")], 422);
  if (ids.length > most) return answer([admin("manyTooMany", { most })], 422);

  const done: string[] = [];
  const not: string[] = [];
  let status = 200;
  for (const [index, userId] of ids.entries()) {
    try {
      const person = await attempt(Identity.get({ userId }));
      const one = person.ok ? await attempt(act.run(userId)) : person;
      if (one.ok) done.push(one.value.name);
      else {
        not.push(person.ok ? `${person.value.name}: ${one.refusal.message}` : one.refusal.message);
        status = one.refusal.status;
      }
    } catch (error) {
      // People before this one are done, so a generic error page would hide that.
      const refusal = refusalIn(error);
      if (refusal && refusal.kind !== "unavailable") throw error;
      if (!refusal) log.error({ err: error, userId, intent }, "an act for several people broke");
      not.push(admin("manyStopped", { count: ids.length - index }));
      status = refusal ? 503 : 500;
      break;
    }
  }
  // A 4xx status would stop Remix from reloading the lists, which have changed.
  if (not.length > 0) return answer(not, done.length > 0 ? 200 : status, done);
  return redirectWith(here, act.said(namesIn(done)));
}

function namesIn(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? admin("manyMore", { shown, count: names.length - 5 }) : shown;
}
