import { pathTo } from "@lectern/core/kernel/path";
import { Link, useRevalidator } from "@remix-run/react";
import { useEffect } from "react";
import { learn } from "../messages/en/learn.ts";
import { dateIn } from "../util/time.ts";
import { useFrame } from "./frame/frame-data.ts";
import { buttonClass } from "./ui/button.tsx";

/** Renders the page of a completed course, with a link to the certificate. */
export function Finished({
  course,
  certificate,
  completedAt,
  left,
}: {
  course: { readonly slug: string; readonly title: string; readonly language: string };
  certificate: { readonly number: string; readonly status: "valid" | "revoked" } | null;
  completedAt: string | null;
  /** Lessons that are not done because they were added or reopened after completion. */
  left: number;
}) {
  const { locale, zone } = useFrame();
  const { revalidate, state } = useRevalidator();
  // A queue issues the certificate after completion, so the page polls for it.
  useEffect(() => {
    if (certificate || state !== "idle") return;
    const timer = setTimeout(revalidate, 2_000);
    return () => clearTimeout(timer);
  }, [certificate, state, revalidate]);
  return (
    <header className="grid justify-items-center gap-5 border-b border-line py-10 text-center md:py-20">
      <svg viewBox="0 0 64 64" aria-hidden="true" className="size-20 text-accent-ink">
        <circle
          cx="32"
          cy="32"
          r="29"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          pathLength="1"
          className="close-circle"
        />
        <path
          d="m20 33 8.5 8.5L45 24"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
          pathLength="1"
          className="close-tick"
        />
      </svg>
      <p className="text-md text-soft">{learn("finishedTitle")}</p>
      <h1
        className="max-w-3xl font-read text-4xl font-medium tracking-tight md:text-display"
        lang={course.language}
        dir="auto"
      >
        {course.title}
      </h1>
      <p className="max-w-lg text-md text-soft" suppressHydrationWarning>
        {completedAt && `${learn("completedOn", { date: dateIn(completedAt, locale, zone) })} `}
        {left > 0 && learn("leftSince", { count: left })}
      </p>
      <div role="status" className="mt-2 grid justify-items-center gap-3">
        {certificate?.status === "revoked" && <p className="text-ui text-soft">{learn("certificateRevoked")}</p>}
        {certificate ? (
          <Link
            to={pathTo.certificate(certificate.number)}
            className={certificate.status === "valid" ? buttonClass("primary", "large") : buttonClass("secondary")}
          >
            {learn(certificate.status === "valid" ? "seeCertificate" : "seeRevoked")}
          </Link>
        ) : (
          <>
            <p className="text-ui text-soft">{learn("certificateComing")}</p>
            <a href={pathTo.progress(course.slug)} className={buttonClass("secondary")}>
              {learn("checkAgain")}
            </a>
          </>
        )}
      </div>
    </header>
  );
}
