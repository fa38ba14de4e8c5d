import { redirectWith } from "../server/flash.server.ts";
import { refused, refusedState } from "../server/form.server.ts";
import { refusalOf } from "../server/refusal.server.ts";

interface Act {
  readonly run: () => Promise<unknown>;
  /** Flash on the next page. */
  readonly said: string;
  /** Where to redirect; by default back to the page. */
  readonly to?: string;
  /** Maps core's field names to the form's. */
  readonly rename?: Record<string, string>;
}

/**
 * Runs the act that `intent` names. A refusal returns to its own form with the typed values; success redirects, so
 * reloading does not submit again.
 */
export async function perform(form: FormData, here: string, acts: Readonly<Record<string, Act | undefined>>) {
  const intent = String(form.get("intent") ?? "");
  const act = Object.hasOwn(acts, intent) ? acts[intent] : undefined;
  if (!act) return refused({ intent, values: {}, fieldErrors: {}, formErrors: ["That form is not known here."] });
  const refusal = await refusalOf(act.run());
  if (refusal) return refused({ ...refusedState(form, refusal, act.rename), code: refusal.code }, refusal.status);
  return redirectWith(act.to ?? here, act.said);
}

/**
 * Completes an upload that storage has redirected back from (see `ArrivedUpload`): there is no form to return a refusal to,
 * so it is a message on the page. Missing rights answer as everywhere: with one of `closed`.
 */
export async function finishUpload(form: FormData, here: string, { run, said }: Act, closed = [401, 403, 404]) {
  const refusal = await refusalOf(run());
  if (!refusal) return redirectWith(here, said);
  if (closed.includes(refusal.status)) return refused(refusedState(form, refusal), refusal.status);
  return redirectWith(here, refusal.message, "warning");
}

/** Returns a text field, or "" where it is missing. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};
