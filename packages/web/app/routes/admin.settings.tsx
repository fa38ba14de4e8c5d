import { Settings } from "@lectern/core/people/settings";
import { shownEmail } from "@lectern/core/util/email";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
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
  TextArea,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { zonesFor } from "../util/zones.ts";

export const meta: MetaFunction = () => [{ title: admin("settings") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const settings = await Settings.get({});
    const domains = settings.signUp.domains.map(shownEmail);
    const contactEmail = settings.contactEmail && shownEmail(settings.contactEmail);
    return { settings, domains, contactEmail, zones: zonesFor(settings.zone) };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const domains = textOf(form, "domains")
      .split(/[\s,;]+/)
      .filter(Boolean);
    const mode = Settings.signUpModes.find((candidate) => candidate === form.get("mode")) ?? "open";
    const version = Number(textOf(form, "version"));
    return perform(form, "/admin/settings", {
      settings: {
        run: () =>
          Settings.update({
            signUp: { mode, domains },
            locale: textOf(form, "locale"),
            zone: textOf(form, "zone"),
            contactEmail: textOf(form, "contactEmail").trim() || null,
            postalAddress: textOf(form, "postalAddress"),
            instructorRequests: form.has("instructorRequests"),
            ...(Number.isInteger(version) && { version }),
          }),
        said: admin("saved"),
        rename: {
          "signUp.mode": "mode",
          "signUp.domains": "domains",
          ...Object.fromEntries(domains.map((_, index) => [`signUp.domains.${index}`, "domains"])),
        },
      },
    });
  });

/** Formats for dates and numbers only; pages and mails are in English. */
const languages = [
  { value: "en", label: "English" },
  { value: "de", label: "Deutsch" },
  { value: "fr", label: "Français" },
  { value: "es", label: "Español" },
  { value: "pt", label: "Português" },
  { value: "it", label: "Italiano" },
  { value: "nl", label: "Nederlands" },
  { value: "pl", label: "Polski" },
  { value: "ar", label: "العربية" },
  { value: "hi", label: "हिन्दी" },
  { value: "ja", label: "日本語" },
];

export default function SettingsPage() {
  const { settings, domains, contactEmail, zones } = useLoaderData<typeof loader>();
  const state = stateOf(useActionData<typeof action>());
  const known = languages.some(({ value }) => value === settings.locale);
  return (
    <>
      <PageHeader title={admin("settings")} lead={admin("settingsLead")} />
      <Form state={state} className="gap-0">
        <input type="hidden" name="intent" value="settings" />
        <input type="hidden" name="version" value={settings.version} />
        <Section title={admin("signUpTitle")} lead={admin("signUpLead")}>
          <div className="group/mode grid max-w-lg gap-6">
            <Choice
              legend={admin("signUpMode")}
              name="mode"
              options={[
                { value: "open", label: admin("modeOpen"), help: admin("modeOpenHelp") },
                { value: "domain", label: admin("modeDomain"), help: admin("modeDomainHelp") },
                { value: "invitation", label: admin("modeInvitation"), help: admin("modeInvitationHelp") },
              ]}
              defaultValue={state?.values.mode ?? settings.signUp.mode}
            />
            {/* Shown only where it applies, in CSS, so it works without scripts. */}
            <TextArea
              className="hidden! group-has-[[value=domain]:checked]/mode:grid!"
              label={admin("domains")}
              help={admin("domainsHelp")}
              name="domains"
              rows={3}
              spellCheck={false}
              dir="ltr"
              {...fieldProps(state, "domains", domains.join("\n"))}
            />
            <Checkbox
              label={admin("instructorRequests")}
              help={admin("instructorRequestsHelp")}
              name="instructorRequests"
              defaultChecked={state ? state.values.instructorRequests === "on" : settings.instructorRequests}
            />
          </div>
        </Section>
        <Section title={admin("contactTitle")} lead={admin("contactLead")}>
          <div className="grid max-w-lg gap-6">
            <Field
              label={admin("contactEmail")}
              help={admin("contactEmailHelp")}
              name="contactEmail"
              type="email"
              dir="ltr"
              autoComplete="email"
              optional
              {...fieldProps(state, "contactEmail", contactEmail)}
            />
            <TextArea
              label={admin("postalAddress")}
              help={admin("postalAddressHelp")}
              name="postalAddress"
              rows={3}
              dir="auto"
              optional
              {...fieldProps(state, "postalAddress", settings.postalAddress)}
            />
          </div>
        </Section>
        <Section title={admin("regionTitle")} lead={admin("regionLead")}>
          <div className="grid max-w-lg gap-6">
            <Select
              label={admin("language")}
              help={admin("languageHelp")}
              name="locale"
              options={known ? languages : [{ value: settings.locale, label: settings.locale }, ...languages]}
              {...fieldProps(state, "locale", settings.locale)}
            />
            <Select
              label={admin("zone")}
              name="zone"
              options={zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }))}
              {...fieldProps(state, "zone", settings.zone)}
            />
          </div>
        </Section>
        <div className="grid gap-x-12 border-t border-line pt-6 lg:grid-cols-[15rem_minmax(0,1fr)]">
          <SubmitButton className="justify-self-start lg:col-start-2">{admin("saveSettings")}</SubmitButton>
        </div>
      </Form>
    </>
  );
}
