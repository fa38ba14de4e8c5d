import { pathTo } from "@lectern/core/kernel/path";
import { Link, Form as PlainForm } from "@remix-run/react";
import { useFrame } from "../components/frame/frame-data.ts";
import {
  Badge,
  ConfirmForm,
  Field,
  Form,
  type FormState,
  fieldProps,
  List,
  PasswordField,
  Select,
  SubmitButton,
  When,
} from "../components/ui/index.ts";
import { account } from "../messages/en/account.ts";
import { dateIn } from "../util/time.ts";

interface Me {
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly department: string | null;
  readonly locale: string;
  readonly zone: string | null;
}

const locales = [
  "en",
  "en-GB",
  "de",
  "de-CH",
  "fr",
  "es",
  "it",
  "pt-BR",
  "nl",
  "pl",
  "tr",
  "ar",
  "he",
  "hi",
  "ja",
  "zh",
];

export function Profile({
  me,
  zones,
  schoolZone,
  state,
}: {
  me: Me;
  zones: readonly string[];
  schoolZone: string;
  state: FormState | undefined;
}) {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const offered = locales.includes(me.locale) ? locales : [me.locale, ...locales];
  return (
    <Form state={state}>
      <input type="hidden" name="intent" value="profile" />
      <div className="grid gap-6 sm:grid-cols-2">
        <Field
          label={account("givenName")}
          name="givenName"
          autoComplete="given-name"
          required
          {...fieldProps(state, "givenName", me.givenName)}
        />
        <Field
          label={account("familyName")}
          name="familyName"
          optional
          autoComplete="family-name"
          {...fieldProps(state, "familyName", me.familyName)}
        />
      </div>
      <Field
        label={account("department")}
        name="department"
        optional
        autoComplete="organization-title"
        {...fieldProps(state, "department", me.department)}
      />
      <div className="grid gap-6 sm:grid-cols-2">
        <Select
          label={account("locale")}
          name="locale"
          options={offered.map((value) => ({ value, label: names.of(value) ?? value }))}
          {...fieldProps(state, "locale", me.locale)}
        />
        <Select
          label={account("zone")}
          name="zone"
          options={[
            { value: "", label: account("zoneSchool", { zone: schoolZone }) },
            ...zones.map((value) => ({ value, label: value.replaceAll("_", " ") })),
          ]}
          {...fieldProps(state, "zone", me.zone ?? "")}
        />
      </div>
      <div>
        <SubmitButton>{account("saveProfile")}</SubmitButton>
      </div>
    </Form>
  );
}

export function Password({ email, state }: { email: string; state: FormState | undefined }) {
  return (
    <Form state={state} className="max-w-md">
      <input type="hidden" name="intent" value="password" />
      <Field label={account("email")} name="username" value={email} readOnly autoComplete="username" />
      <PasswordField
        label={account("currentPassword")}
        name="current"
        autoComplete="current-password"
        required
        error={state?.fieldErrors.current}
      />
      <PasswordField
        label={account("newPassword")}
        help={account("newPasswordHelp")}
        name="next"
        autoComplete="new-password"
        required
        error={state?.fieldErrors.next}
      />
      <div>
        <SubmitButton>{account("changePassword")}</SubmitButton>
      </div>
    </Form>
  );
}

/** Shows the address and a pending change of it. */
export function Email({
  email,
  pending,
  state,
}: {
  email: string;
  pending: string | null;
  state: FormState | undefined;
}) {
  return (
    <div className="grid max-w-md gap-6">
      <p>
        {account("emailNow")} <bdi className="font-medium break-all">{email}</bdi>
      </p>
      {pending && (
        <PlainForm method="post" className="grid gap-3">
          <input type="hidden" name="intent" value="email-cancel" />
          <p className="text-soft">{account("emailPending", { email: pending })}</p>
          <SubmitButton variant="secondary" size="small" className="justify-self-start">
            {account("emailCancel")}
          </SubmitButton>
        </PlainForm>
      )}
      <Form state={state}>
        <input type="hidden" name="intent" value="email" />
        <Field
          label={account("newEmail")}
          name="email"
          type="email"
          autoComplete="email"
          required
          id="new-email"
          {...fieldProps(state, "email")}
        />
        <PasswordField
          label={account("yourPassword")}
          name="password"
          autoComplete="current-password"
          required
          error={state?.fieldErrors.password}
        />
        <div>
          <SubmitButton variant="secondary">{account("changeEmail")}</SubmitButton>
        </div>
      </Form>
    </div>
  );
}

interface SessionRow {
  readonly id: string;
  readonly device: string;
  readonly ip: string;
  readonly lastSeenAt: string;
  readonly isCurrent: boolean;
}

export function Sessions({ sessions }: { sessions: readonly SessionRow[] }) {
  return (
    <div className="grid gap-6">
      <List>
        {sessions.map((each) => (
          <li key={each.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                {each.device}
                {each.isCurrent && <Badge tone="accent">{account("thisSession")}</Badge>}
              </p>
              <p className="text-sm text-muted">
                {account("lastSeen")} <When at={each.lastSeenAt} /> · <span dir="ltr">{each.ip}</span>
              </p>
            </div>
            {!each.isCurrent && (
              <PlainForm method="post">
                <input type="hidden" name="intent" value="session" />
                <SubmitButton
                  name="sessionId"
                  value={each.id}
                  variant="secondary"
                  size="small"
                  aria-label={account("endSessionOf", { device: each.device })}
                >
                  {account("endSession")}
                </SubmitButton>
              </PlainForm>
            )}
          </li>
        ))}
      </List>
      <ConfirmForm
        trigger={account("endAll")}
        confirm={account("endAllConfirm")}
        fields={{ intent: "everywhere" }}
        size="small"
      >
        {account("endAllBody")}
      </ConfirmForm>
    </div>
  );
}

export function Certificates({
  certificates,
}: {
  certificates: readonly { readonly number: string; readonly courseTitle: string; readonly issuedOn: string }[];
}) {
  const { locale } = useFrame();
  if (certificates.length === 0) return <p className="text-soft">{account("noCertificates")}</p>;
  return (
    <List>
      {certificates.map((each) => (
        <li key={each.number} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-3" lang={locale}>
          <Link
            to={pathTo.certificate(each.number)}
            className="min-w-0 flex-1 font-medium underline decoration-line-strong underline-offset-4 hover:decoration-current"
            dir="auto"
          >
            {each.courseTitle}
          </Link>
          <span className="text-sm text-muted">{dateIn(each.issuedOn, locale, "UTC")}</span>
        </li>
      ))}
    </List>
  );
}
