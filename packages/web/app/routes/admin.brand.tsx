import { Brand } from "@lectern/core/brand";
import { useSchool } from "@lectern/core/kernel/actor";
import { School } from "@lectern/tenants/school";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form as PlainForm, useActionData, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { useFrame } from "../components/frame/frame-data.ts";
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
import { UploadForm } from "../manage/upload-form.tsx";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { redirectWith } from "../server/flash.server.ts";
import { requirePermission } from "../server/guard.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { refusalOf } from "../server/refusal.server.ts";

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
    const { pathname, searchParams } = new URL(args.request.url);
    // Storage sends the browser back here once it has the logo, and names the object it stored.
    const logoId = searchParams.get("key")?.split("/").at(-2);
    if (logoId) {
      const refusal = await refusalOf(School.confirmLogo({ logoId }));
      throw refusal ? redirectWith(pathname, refusal.message, "warning") : redirectWith(pathname, admin("logoSaved"));
    }
    const school = useSchool();
    const upload = await School.uploadLogo({ redirect: hereUrl(args.request, school, pathname) });
    return { name: school.name, brand: school.brand, tokens: Brand.tokens(school.brand), upload };
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
      "remove-logo": { run: () => School.setBrand({ logo: null }), said: admin("logoRemoved") },
    });
  });

export default function BrandPage() {
  const { name, brand, tokens, upload } = useLoaderData<typeof loader>();
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
      <Section title={admin("logo")}>
        <Logo isThere={brand.logo !== null} />
        <UploadForm
          upload={upload}
          label={admin("logo")}
          help={admin("logoHelp")}
          accept="image/png,image/jpeg,image/webp"
          submit={admin("uploadLogo")}
        />
      </Section>
    </>
  );
}

/** The logo as it stands on either ground, and the way back to the letter. */
function Logo({ isThere }: { isThere: boolean }) {
  const { school } = useFrame();
  if (!isThere || !school?.logo.light) return null;
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3">
      {["#fbfaf7", "#16181b"].map((ground) => (
        <svg key={ground} viewBox="0 0 192 64" aria-hidden="true" className="h-16 rounded-m border border-line">
          <rect width="192" height="64" fill={ground} />
          <image href={school.logo.light ?? ""} x="16" y="16" width="160" height="32" preserveAspectRatio="xMidYMid" />
        </svg>
      ))}
      <PlainForm method="post">
        <input type="hidden" name="intent" value="remove-logo" />
        <SubmitButton size="small" variant="quiet">
          {admin("removeLogo")}
        </SubmitButton>
      </PlainForm>
    </div>
  );
}
