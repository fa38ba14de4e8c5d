import { Form } from "@remix-run/react";
import { useFrame } from "../components/frame/frame-data.ts";
import { Logo } from "../components/frame/mark.tsx";
import { ErrorSummary } from "../components/ui/form.tsx";
import {
  Button,
  buttonClass,
  ConfirmForm,
  Field,
  type FormState,
  fieldProps,
  Icon,
  SubmitButton,
} from "../components/ui/index.ts";
import { account } from "../messages/en/account.ts";
import { cx } from "../util/class.ts";
import { dateIn, minutesInWords } from "../util/time.ts";

export interface CertificateData {
  readonly number: string;
  readonly learnerName: string;
  readonly courseTitle: string;
  readonly schoolName: string;
  readonly lessons: number;
  readonly minutes: number;
  readonly issuedOn: string;
  readonly status: "valid" | "revoked";
}

/** Renders the verdict, then the certificate as it prints: A4 landscape, one page. */
export function CertificateSheet({ certificate, url }: { certificate: CertificateData; url: string }) {
  const { locale, school } = useFrame();
  const isValid = certificate.status === "valid";
  const date = dateIn(certificate.issuedOn, locale, "UTC");
  // A logo shows the school's current name, which may differ from the name on the certificate.
  const isNamed = school?.logo.light != null && school.logoHasName && school.name === certificate.schoolName;
  return (
    <div className="mx-auto grid max-w-4xl grid-cols-1 gap-6 wrap-anywhere print:max-w-none print:gap-0">
      <div
        className={cx(
          "no-print flex flex-wrap items-center gap-x-6 gap-y-3 rounded-m px-4 py-3",
          isValid ? "bg-success-tint text-success-ink" : "bg-danger-tint text-danger-ink",
        )}
      >
        <p className="flex min-w-0 flex-1 basis-64 items-start gap-2.5">
          <Icon name={isValid ? "check" : "warning"} className="mt-1" />
          <span className="min-w-0">
            <strong className="font-semibold">{account(isValid ? "valid" : "revoked")}.</strong>{" "}
            {account(isValid ? "validBody" : "revokedBody", { school: certificate.schoolName, date })}
          </span>
        </p>
        <Button size="small" variant="secondary" className="scripted text-ink" onClick={() => window.print()}>
          <Icon name="print" />
          {account("print")}
        </Button>
      </div>
      <article className="certificate-sheet relative grid grid-cols-1 rounded-m border border-line-strong bg-surface p-3 md:p-5">
        <div className="grid grid-cols-1 content-between gap-10 rounded-s border border-accent-ink px-6 py-10 md:px-14 md:py-12">
          <header className="flex items-center justify-between gap-6">
            <span className="flex min-w-0 gap-3 max-sm:flex-col sm:items-center">
              {school?.logo.light ? (
                <Logo
                  logo={school.logo}
                  alt={isNamed ? certificate.schoolName : ""}
                  className="h-9 w-auto max-w-48 self-start object-contain"
                />
              ) : (
                <span
                  aria-hidden="true"
                  className="flex size-10 shrink-0 items-center justify-center rounded-s border border-accent-edge bg-accent pt-[0.1em] font-read text-xl leading-none font-semibold text-on-accent"
                >
                  {[...certificate.schoolName.trim()][0]?.toUpperCase()}
                </span>
              )}
              {!isNamed && (
                <span className="min-w-0 text-lg font-semibold" dir="auto">
                  {certificate.schoolName}
                </span>
              )}
            </span>
            <Seal isValid={isValid} />
          </header>
          <div className="grid grid-cols-1 gap-3">
            <h1 className="text-md text-soft">{account("certificateTitle")}</h1>
            <p className="sr-only">{account("certifies")}</p>
            <p className="font-read text-4xl font-medium tracking-tight md:text-[3.25rem] md:leading-[1.08]" dir="auto">
              {certificate.learnerName}
            </p>
            <p className="text-md text-soft">{account("hasCompleted")}</p>
            <p className="max-w-3xl font-read text-2xl font-medium md:text-3xl" dir="auto">
              {certificate.courseTitle}
            </p>
            <p className="text-ui text-soft">
              {account("certificateFacts", { lessons: certificate.lessons, time: minutesInWords(certificate.minutes) })}
            </p>
          </div>
          <dl className="grid gap-x-10 gap-y-4 border-t border-line-strong pt-5 text-sm sm:grid-cols-[auto_auto_1fr]">
            <Fact term={account("issued")}>
              <span>{date}</span>
            </Fact>
            <Fact term={account("number")}>
              <span className="font-mono" dir="ltr">
                {certificate.number}
              </span>
            </Fact>
            <Fact term={account("checkAt")}>
              <span dir="ltr">
                {url.replace(/^https?:\/\//, "").split(certificate.number)[0]}
                <wbr />
                <span className="whitespace-nowrap">{certificate.number}</span>
              </span>
            </Fact>
          </dl>
        </div>
      </article>
    </div>
  );
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="grid content-start gap-0.5">
      <dt className="text-muted">{term}</dt>
      <dd className="text-ui">{children}</dd>
    </div>
  );
}

/** Renders revoke and reissue for people with that permission. */
export function CertificateCare({
  certificate,
  state,
}: {
  certificate: CertificateData;
  state: FormState | undefined;
}) {
  const isValid = certificate.status === "valid";
  return (
    <section aria-labelledby="care" className="no-print mx-auto mt-12 grid max-w-4xl gap-4 border-t border-line pt-6">
      <h2 id="care" className="text-lg font-semibold">
        {account("careTitle")}
      </h2>
      {state && <ErrorSummary state={state} />}
      <div className="flex flex-wrap items-start gap-3">
        <ConfirmForm
          variant="secondary"
          trigger={account("reissue")}
          confirm={account("reissueConfirm")}
          fields={{ intent: "reissue" }}
        >
          {account("reissueBody")}
        </ConfirmForm>
        {isValid && (
          <details open={state?.intent === "revoke"}>
            <summary className={buttonClass("secondary")}>{account("revoke")}</summary>
            <Form method="post" className="mt-3 grid max-w-lg gap-4">
              <input type="hidden" name="intent" value="revoke" />
              <Field
                label={account("revokeReason")}
                help={account("revokeHelp")}
                name="reason"
                required
                maxLength={500}
                {...fieldProps(state, "reason")}
              />
              <div>
                <SubmitButton>{account("revokeConfirm")}</SubmitButton>
              </div>
            </Form>
          </details>
        )}
      </div>
    </section>
  );
}

/** Draws the seal: rings with a tick, or with a stroke when the certificate is revoked. */
function Seal({ isValid }: { isValid: boolean }) {
  return (
    <svg
      viewBox="0 0 72 72"
      aria-hidden="true"
      className="size-16 shrink-0 text-accent-ink md:size-20"
      fill="none"
      stroke="currentColor"
    >
      <circle cx="36" cy="36" r="34" strokeWidth="1" strokeDasharray="1.5 3" strokeLinecap="round" />
      <circle cx="36" cy="36" r="28" strokeWidth="1.5" />
      <path
        d={isValid ? "m24 37 8.5 8.5L49 28" : "m26 26 20 20m0-20L26 46"}
        strokeWidth="2.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Says whether the number is malformed or unknown in this school, and asks again. */
export function CertificateUnknown({
  number,
  verdict,
  message,
}: {
  number: string;
  verdict: "mistyped" | "unknown" | "revoked" | "replaced";
  message: string;
}) {
  return (
    <div className="mx-auto grid max-w-xl gap-6">
      <h1 className="font-read text-3xl font-medium">{account("checkTitle")}</h1>
      <div className="rounded-m bg-warning-tint px-4 py-3 text-warning-ink">
        <p className="flex items-start gap-2.5">
          <Icon name="warning" className="mt-1" />
          <span>
            <strong className="font-semibold">{account(verdict)}.</strong> {message}
          </span>
        </p>
      </div>
      <CertificateCheck number={number} />
    </div>
  );
}

export function CertificateCheck({ number = "" }: { number?: string }) {
  return (
    <Form action="/certificates" className="grid gap-5">
      <Field
        label={account("checkNumber")}
        help={account("checkLead")}
        name="number"
        defaultValue={number}
        autoComplete="off"
        spellCheck={false}
        dir="ltr"
        required
      />
      <div>
        <SubmitButton>{account("check")}</SubmitButton>
      </div>
    </Form>
  );
}
