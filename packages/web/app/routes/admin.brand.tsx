import { pathTo } from "@lectern/core/kernel/path";
import { School } from "@lectern/tenants/school";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form as PlainForm, useActionData, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { useFrame } from "../components/frame/frame-data.ts";
import {
  Checkbox,
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
import { finishUpload, perform, textOf } from "../manage/acts.server.ts";
import { ArrivedUpload } from "../manage/arrived-upload.tsx";
import { BrandPreview } from "../manage/brand-preview.tsx";
import { UploadForm } from "../manage/upload-form.tsx";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { draftOf, draftTheme } from "../server/brand-draft.server.ts";
import { requirePermission } from "../server/guard.server.ts";
import { hereUrl } from "../server/host.server.ts";

export const meta: MetaFunction = () => [{ title: admin("brand") }];

const fonts = [
  { value: "instrument-sans", label: "Instrument Sans" },
  { value: "inter", label: "Inter" },
  { value: "newsreader", label: "Newsreader" },
  { value: "source-serif-4", label: "Source Serif" },
] as const;

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    await requirePermission("school.brand");
    const { searchParams } = new URL(args.request.url);
    // Storage redirects here after the upload, with the object's key in the address.
    const logoId = searchParams.get("key")?.split("/").at(-2);
    const arrived = logoId ? { intent: "logo", logoId, ground: groundOf(searchParams.get("ground")) } : null;
    const back = (ground: string) => hereUrl(args.request, actor.school, pathTo.brand({ ground }));
    const [upload, uploadDark] = await Promise.all([
      School.uploadLogo({ redirect: back("light") }),
      School.uploadLogo({ redirect: back("dark") }),
    ]);
    // Without scripts, a preview is this page with the form's values in its address.
    const { name, brand } = draftOf(actor, searchParams);
    const preview = { src: pathTo.brandPreview(searchParams), theme: draftTheme(searchParams) };
    return { arrived, name, brand, preview, upload, uploadDark };
  });

const groundOf = (text: FormDataEntryValue | null): "light" | "dark" => (text === "dark" ? "dark" : "light");

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    if (form.get("intent") === "logo") {
      const logo = { logoId: textOf(form, "logoId"), ground: groundOf(form.get("ground")) };
      const act = { run: () => School.confirmLogo(logo), said: admin("logoSaved") };
      // 404: the file has not arrived, or is no picture of this school.
      return finishUpload(form, "/admin/brand", act, [401, 403]);
    }
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
            ...(form.has("hasLogo") && { logoHasName: form.has("logoHasName") }),
          }),
        said: admin("brandSaved"),
      },
      "remove-logo": { run: () => School.setBrand({ logo: null }), said: admin("logoRemoved") },
      "remove-dark-logo": { run: () => School.setBrand({ logoDark: null }), said: admin("logoDarkRemoved") },
    });
  });

export default function BrandPage() {
  const { arrived, name, brand, preview, upload, uploadDark } = useLoaderData<typeof loader>();
  const state = stateOf(useActionData<typeof action>());
  const [accent, setAccent] = useState(state?.values.accent ?? brand.accent);
  return (
    <>
      <PageHeader title={admin("brand")} lead={admin("brandLead")} />
      {arrived && <ArrivedUpload fields={arrived} />}
      <Form state={state} className="mb-12 gap-x-10 lg:grid-cols-2 lg:[&>[role=alert]]:col-span-2">
        <div className="grid max-w-lg content-start gap-6">
          <input type="hidden" name="intent" value="brand" />
          <Field
            label={admin("schoolName")}
            name="name"
            dir="auto"
            required
            maxLength={80}
            {...fieldProps(state, "name", name)}
          />
          <Field
            label={admin("tagline")}
            help={admin("taglineHelp")}
            name="tagline"
            dir="auto"
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
          {brand.logo !== null && (
            <>
              <input type="hidden" name="hasLogo" value="1" />
              <Checkbox
                label={admin("logoHasName")}
                help={admin("logoHasNameHelp")}
                name="logoHasName"
                defaultChecked={brand.logoHasName}
              />
            </>
          )}
          <SubmitButton className="justify-self-start">{admin("saveBrand")}</SubmitButton>
        </div>
        <BrandPreview {...preview} />
      </Form>
      <Section title={admin("logo")}>
        <div className="grid gap-x-10 lg:grid-cols-2">
          <div>
            <StoredLogo ground="light" isThere={brand.logo !== null} />
            <UploadForm
              upload={upload}
              label={admin("logo")}
              help={admin("logoHelp")}
              accept={accepted}
              submit={admin("uploadLogo")}
            />
          </div>
          {brand.logo !== null && (
            <div>
              <StoredLogo ground="dark" isThere={brand.logoDark !== null} />
              <UploadForm
                upload={uploadDark}
                label={admin("logoDark")}
                help={admin("logoDarkHelp")}
                accept={accepted}
                submit={admin("uploadLogoDark")}
                id="file-dark"
              />
            </div>
          )}
        </div>
      </Section>
    </>
  );
}

const accepted = "image/svg+xml,image/png,image/jpeg,image/webp";

/** Shows a logo on its own background, with a remove button. */
function StoredLogo({ ground, isThere }: { ground: "light" | "dark"; isThere: boolean }) {
  const { school } = useFrame();
  const src = school?.logo[ground];
  if (!src) return null;
  const isDark = ground === "dark";
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3">
      <svg viewBox="0 0 192 64" aria-hidden="true" className="h-16 rounded-m border border-line">
        <rect width="192" height="64" fill={isDark ? "#16181b" : "#fbfaf7"} />
        <image href={src} x="16" y="16" width="160" height="32" preserveAspectRatio="xMidYMid" />
      </svg>
      {isThere && (
        <PlainForm method="post">
          <input type="hidden" name="intent" value={isDark ? "remove-dark-logo" : "remove-logo"} />
          <SubmitButton size="small" variant="quiet">
            {admin(isDark ? "removeLogoDark" : "removeLogo")}
          </SubmitButton>
        </PlainForm>
      )}
    </div>
  );
}
