import { data } from "@remix-run/node";
import type { z } from "zod";
import type { FormState } from "../components/ui/form.tsx";
import type { Refusal } from "./refusal.server.ts";

/** What is never sent back to the page, even inside a refused form. */
const secret = /password|token|secret|current|next_password/i;

/** The typed text fields of a form. Files are left out: uploads do not pass here. */
export function valuesOf(form: FormData): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of form) if (typeof value === "string") values[name] = value;
  return values;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly state: FormState };

/**
 * Reads a form by a schema. A field that comes several times is an array when the schema wants one. On a misfit the state
 * carries every field's first message and all that was typed, passwords excepted.
 */
export function parseForm<S extends z.ZodType>(schema: S, form: FormData): Parsed<z.output<S>> {
  const all = new Map<string, string[]>();
  for (const [name, value] of form) {
    const values = all.get(name) ?? [];
    if (typeof value === "string") values.push(value);
    all.set(name, values);
  }
  const raw = [...all].map(([name, values]) => [name, values.length > 1 ? values : values[0]] as const);
  const result = schema.safeParse(Object.fromEntries(raw));
  if (result.success) return { ok: true, value: result.data };
  const fieldErrors: Record<string, string> = {};
  for (const issue of result.error.issues) fieldErrors[issue.path.join(".")] ??= issue.message;
  return { ok: false, state: { ...kept(form), fieldErrors, formErrors: [] } };
}

/** The state after core refused: its fields beside ours, everything else on top. `rename` maps core's names to the form's. */
export function refusedState(form: FormData, refusal: Refusal, rename: Record<string, string> = {}): FormState {
  const state = kept(form);
  const fieldErrors: Record<string, string> = {};
  const formErrors: string[] = [];
  for (const [path, message] of Object.entries(refusal.fields)) {
    const name = rename[path] ?? path;
    if (name in state.values || form.has(name)) fieldErrors[name] = message;
    else formErrors.push(message);
  }
  if (Object.keys(fieldErrors).length === 0 && formErrors.length === 0) formErrors.push(refusal.message);
  return { ...state, fieldErrors, formErrors };
}

/** The answer of an action that did not accept the form. */
export const refused = <S extends FormState>(state: S, status = 422) => data(state, { status });

/** What was typed, passwords excepted, with nothing said of it yet. */
export function kept(form: FormData): FormState {
  const values = valuesOf(form);
  for (const name of Object.keys(values)) if (secret.test(name)) delete values[name];
  return { intent: values.intent ?? null, values, fieldErrors: {}, formErrors: [] };
}
