import { expect, test } from "vitest";
import * as z from "zod";
import { parseForm, refusedState } from "./form.server.ts";

const Schema = z.object({ email: z.email("Not an address."), password: z.string().min(12, "Too short.") });

function formOf(values: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  return form;
}

test("a refused form keeps what was typed, but never a password", () => {
  const parsed = parseForm(Schema, formOf({ intent: "join", email: "ada@", password: "short" }));
  expect(parsed).toEqual({
    ok: false,
    state: {
      intent: "join",
      values: { intent: "join", email: "ada@" },
      fieldErrors: { email: "Not an address.", password: "Too short." },
      formErrors: [],
    },
  });
});

test("core's refusal appears beside its field if the form has it, else on top", () => {
  const form = formOf({ email: "ada@example.com" });
  const refusal = { code: "x", message: "No.", status: 409, fields: { "owner.email": "Taken.", quota: "Full." } };
  const state = refusedState(form, refusal, { "owner.email": "email" });
  expect(state.fieldErrors).toEqual({ email: "Taken." });
  expect(state.formErrors).toEqual(["Full."]);
  expect(refusedState(form, { ...refusal, fields: {} }).formErrors).toEqual(["No."]);
});
