import { pathTo } from "@lectern/core/kernel/path";
import { useFetcher } from "@remix-run/react";
import { Fragment, useEffect, useState } from "react";
import { useFrame } from "../components/frame/frame-data.ts";
import { Field, Form, type FormState, fieldProps, Icon, PasswordField, SubmitButton } from "../components/ui/index.ts";
import { common } from "../messages/en/common.ts";
import { platform } from "../messages/en/platform.ts";
import type { AddressCheck } from "./address.server.ts";

/**
 * Renders the sign-up form. With scripts it proposes an address from the name and checks it during typing; without, the
 * server checks it on submit.
 */
export function SignUpForm({
  name,
  check,
  domain,
  state,
}: {
  name: string;
  /** The server's check of the initial address. */
  check: AddressCheck | null;
  domain: string;
  state: FormState | undefined;
}) {
  const address = useAddress(
    state?.values.slug ?? check?.slug ?? "",
    state?.values.name ?? name,
    check,
    state !== undefined,
  );
  const [zone, setZone] = useState("");
  useEffect(() => setZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  return (
    <div className="mx-auto grid max-w-xl gap-10 py-8 md:py-14">
      <header className="grid gap-3">
        <h1 className="font-read text-3xl font-medium md:text-4xl">{platform("signUpTitle")}</h1>
        <p className="text-md text-soft">{platform("signUpLead")}</p>
      </header>
      <Form state={state} className="gap-10">
        <input type="hidden" name="zone" value={zone} />
        <fieldset className="grid gap-6">
          <legend className="mb-4 text-lg font-semibold">{platform("schoolSection")}</legend>
          <Field
            label={platform("schoolName")}
            help={platform("schoolNameHelp")}
            name="name"
            required
            maxLength={80}
            autoComplete="organization"
            {...fieldProps(state, "name", name)}
            onChange={(event) => address.nameChanged(event.target.value)}
          />
          <div className="grid gap-2">
            <Field
              label={platform("address")}
              name="slug"
              required
              dir="ltr"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              suffix={`.${domain}`}
              help={platform("addressHelp")}
              value={address.value}
              error={address.isEdited || check ? address.problem : state?.fieldErrors.slug}
              onChange={(event) => address.changed(event.target.value)}
            />
            <p role="status" className="text-sm">
              {address.isFree && (
                <span className="flex items-center gap-1.5 text-success-ink">
                  <Icon name="check" />
                  {platform("addressFree", { host: `${address.value}.${domain}` })}
                </span>
              )}
              {address.isUnspelled && <span className="text-soft">{platform("addressScript")}</span>}
            </p>
            {address.suggestions.length > 0 && (
              <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-soft">
                {platform("addressSuggest")}
                {address.suggestions.map((each) => (
                  <button key={each} type="button" className="link scripted" onClick={() => address.changed(each)}>
                    {each}
                  </button>
                ))}
                <noscript>{address.suggestions.join(", ")}</noscript>
              </p>
            )}
          </div>
        </fieldset>
        <fieldset className="grid gap-6">
          <legend className="mb-4 text-lg font-semibold">{platform("personSection")}</legend>
          <div className="grid gap-6 sm:grid-cols-2">
            <Field
              label={platform("givenName")}
              name="givenName"
              required
              autoComplete="given-name"
              {...fieldProps(state, "givenName")}
            />
            <Field
              label={platform("familyName")}
              name="familyName"
              optional
              autoComplete="family-name"
              {...fieldProps(state, "familyName")}
            />
          </div>
          <Field
            label={platform("email")}
            help={platform("emailHelp")}
            name="email"
            type="email"
            required
            autoComplete="email"
            {...fieldProps(state, "email")}
          />
          <PasswordField
            label={platform("password")}
            help={platform("passwordHelp")}
            name="password"
            required
            autoComplete="new-password"
            error={state?.fieldErrors.password}
          />
        </fieldset>
        <div className="grid justify-items-start gap-4">
          <LegalNote />
          <SubmitButton size="large" pending={platform("opening")} className="max-sm:w-full">
            {platform("open")}
          </SubmitButton>
        </div>
      </Form>
    </div>
  );
}

/** Links to the platform's terms, where its operator has set them. */
function LegalNote() {
  const links = useFrame().legal.filter(({ page }) => page === "privacy" || page === "terms");
  if (links.length === 0) return null;
  return (
    <p className="text-sm text-muted">
      {platform("legalNote")}{" "}
      {links.map(({ page, href }, index) => (
        <Fragment key={page}>
          {index > 0 && ", "}
          <a href={href} target="_blank" rel="noreferrer" className="link">
            {common(page)}
          </a>
        </Fragment>
      ))}
    </p>
  );
}

/** Address field: follows the name until the person edits it, and asks the server shortly after each change. */
function useAddress(initial: string, initialName: string, check: AddressCheck | null, wasTyped: boolean) {
  const fetcher = useFetcher<AddressCheck>();
  const { load } = fetcher;
  const [value, setValue] = useState(initial);
  const [name, setName] = useState(initialName);
  const [isOwn, setIsOwn] = useState(wasTyped);
  const [isEdited, setIsEdited] = useState(false);
  useEffect(() => {
    if (!isEdited) return;
    const params = new URLSearchParams(isOwn ? { slug: value } : { name });
    const timer = setTimeout(() => load(pathTo.signUpCheck(params)), 250);
    return () => clearTimeout(timer);
  }, [value, name, isOwn, isEdited, load]);
  const answer = isEdited ? fetcher.data : (check ?? undefined);
  useEffect(() => {
    if (answer?.proposed && !isOwn) setValue(answer.slug);
  }, [answer, isOwn]);
  const isAnswered = answer !== undefined && (isOwn ? answer.asked === value : answer.asked === name);
  const isCurrent = isAnswered && value !== "";
  return {
    value,
    isEdited,
    isFree: isCurrent && answer.isFree,
    isUnspelled: isAnswered && !isOwn && name.trim() !== "" && answer.slug === "",
    problem: isCurrent && !answer.isFree ? (answer.reason ?? undefined) : undefined,
    suggestions: isCurrent && !answer.isFree ? answer.suggestions : [],
    changed: (slug: string) => {
      setValue(slug);
      setIsOwn(slug !== "");
      setIsEdited(true);
    },
    nameChanged: (next: string) => {
      setName(next);
      setIsEdited(true);
    },
  };
}
