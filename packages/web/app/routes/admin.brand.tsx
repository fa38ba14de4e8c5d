import { Brand } from "@lectern/core/brand";
import { useSchool } from "@lectern/core/kernel/actor";
import { School } from "@lectern/tenants/school";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import {
  Choice,
  Field,
  Form,
  fieldProps,
  PageHeader,
  Section,
  Select,
  SubmitButton,
  stateOf,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { BrandPreview } from "../manage/brand-preview.tsx";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";

export const meta: MetaFunction = () => [{ title: admin("brand") }];

const fonts = [
  { value: "instrument-sans", label: "Instrument Sans" },
  { value: "inter", label: "Inter" },
  { value: "newsreader", label: "Newsreader" },
  { value: "source-serif-4", label: "Source Serif" },
] as const;

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    await requirePermission("school.brand");
    const { name, brand } = useSchool();
    return { name, brand, tokens: Brand.tokens(brand) };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const radius = (["sharp", "soft", "round"] as const).find((value) => value === form.get("radius"));
    const font = fonts.find(({ value }) => value === form.get("font"));
    return perform(form, "/admin/brand", {
      brand: {
        run: () =>
          School.setBrand({
            name: textOf(form, "name"),
            tagline: textOf(form, "tagline") || null,
            accent: textOf(form, "accent"),
            ...(font && { font: font.value }),
            ...(radius && { radius }),
          }),
        said: admin("brandSaved"),
      },
    });
  });

export default function BrandPage() {
  const { name, brand, tokens } = useLoaderData<typeof loader>();
  const state = stateOf(useActionData<typeof action>());
  const [accent, setAccent] = useState(state?.values.accent ?? brand.accent);
  return (
    <>
      <PageHeader title={admin("brand")} lead={admin("brandLead")} />
      <Section title={admin("preview")} lead={admin("previewText")}>
        <BrandPreview name={name} tokens={tokens} />
      </Section>
      <Section title={admin("brand")}>
        <Form state={state} className="max-w-lg">
          <input type="hidden" name="intent" value="brand" />
          <Field label={admin("schoolName")} name="name" required maxLength={80} {...fieldProps(state, "name", name)} />
          <Field
            label={admin("tagline")}
            help={admin("taglineHelp")}
            name="tagline"
            optional
            maxLength={140}
            {...fieldProps(state, "tagline", brand.tagline)}
          />
          <div className="flex items-start gap-3">
            <Field
              label={admin("accent")}
              help={admin("accentHelp")}
              name="accent"
              required
              spellCheck={false}
              dir="ltr"
              className="grow"
              value={accent}
              onChange={(event) => setAccent(event.currentTarget.value)}
              error={state?.fieldErrors.accent}
            />
            <input
              type="color"
              aria-label={admin("accent")}
              value={/^#[0-9a-f]{6}$/i.test(accent) ? accent : brand.accent}
              onChange={(event) => setAccent(event.currentTarget.value)}
              className="scripted mt-7 h-11 w-14 rounded-s border border-control bg-surface p-1"
            />
          </div>
          <Select label={admin("font")} name="font" options={fonts} {...fieldProps(state, "font", brand.font)} />
          <Choice
            legend={admin("radius")}
            name="radius"
            options={[
              { value: "sharp", label: admin("radiusSharp") },
              { value: "soft", label: admin("radiusSoft") },
              { value: "round", label: admin("radiusRound") },
            ]}
            defaultValue={state?.values.radius ?? brand.radius}
          />
          <SubmitButton className="justify-self-start">{admin("saveBrand")}</SubmitButton>
        </Form>
      </Section>
    </>
  );
}
