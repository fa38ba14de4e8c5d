import { redirectWith } from "../server/flash.server.ts";
import { refused, refusedState } from "../server/form.server.ts";
import { refusalOf } from "../server/refusal.server.ts";

interface Act {
  readonly run: () => Promise<unknown>;
  /** Said on the page that follows. */
  readonly said: string;
  /** Where to go; the page itself by default. */
  readonly to?: string;
  /** Core's names for fields that the form calls otherwise. */
  readonly rename?: Record<string, string>;
}

/**
 * An action with several forms: `intent` names the act. A refusal comes back to its own form with everything typed; after
 * success the page is asked for again, so reloading repeats nothing.
 */
export async function perform(form: FormData, here: string, acts: Readonly<Record<string, Act | undefined>>) {
  const intent = String(form.get("intent") ?? "");
  const act = Object.hasOwn(acts, intent) ? acts[intent] : undefined;
  if (!act) return refused({ intent, values: {}, fieldErrors: {}, formErrors: ["That form is not known here."] });
  const refusal = await refusalOf(act.run());
  if (refusal) return refused({ ...refusedState(form, refusal, act.rename), code: refusal.code }, refusal.status);
  return redirectWith(act.to ?? here, act.said);
}

/** One text field of a form; "" where it is missing. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};
