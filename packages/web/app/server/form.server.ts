import { data } from "@remix-run/node";
import type { z } from "zod";
import type { FormState } from "../components/ui/form.tsx";
import type { Refusal } from "./refusal.server.ts";

/** Fields that a refused form never sends back. */
const secret = /password|token|secret|current|next_password/i;

/** Returns the typed text fields, without files. */
export function valuesOf(form: FormData): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of form) if (typeof value === "string") values[name] = value;
  return values;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly state: FormState };

/**
 * Parses a form. Repeated fields become an array when the schema expects one. On failure, the state has each field's
 * first error and the typed values without passwords.
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

/** Returns the state after a refusal by core: field errors beside fields, others on top. `rename` maps core's names. */
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

/** Returns the answer of an action that refused the form. */
export const refused = <S extends FormState>(state: S, status = 422) => data(state, { status });

/** Returns the typed values without errors or passwords. */
export function kept(form: FormData): FormState {
  const values = valuesOf(form);
  for (const name of Object.keys(values)) if (secret.test(name)) delete values[name];
  return { intent: values.intent ?? null, values, fieldErrors: {}, formErrors: [] };
}
