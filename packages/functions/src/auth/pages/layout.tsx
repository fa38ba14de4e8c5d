/** @jsxImportSource hono/jsx */
import { Brand } from "@lectern/core/house/brand";
import type { Route } from "@lectern/core/kernel/actor";
import { Url } from "@lectern/core/kernel/url";
import { Legal } from "@lectern/core/people/legal";
import { shownEmail } from "@lectern/core/util/email";
import { raw } from "hono/html";
import type { Child, PropsWithChildren } from "hono/jsx";
import { fontFaces } from "../fonts.ts";
import { script, style } from "./style.ts";

export interface Frame {
  /** Undefined for the platform's own brand, where no school is known. */
  readonly school: Route | undefined;
  readonly nonce: string;
  readonly csrf: string;
}

const rightToLeft = /^(ar|fa|he|ur|ps|sd|ug|yi|dv|ckb)\b/;

/** Renders the document with the school's logo and one narrow column. */
export function Page({ frame, title, children }: PropsWithChildren<{ frame: Frame; title: string }>) {
  const { school, nonce } = frame;
  const locale = school?.locale ?? "en";
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en" dir={rightToLeft.test(locale) ? "rtl" : "ltr"}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <link rel="icon" href={school ? Url.schoolUrl(school, "/favicon.svg") : Url.platformUrl("/favicon.svg")} />
          <title>{school ? `${title} · ${school.name}` : title}</title>
          <style nonce={nonce}>{raw(`${fontFaces}${style}${school ? Brand.css(school.brand) : ""}`)}</style>
        </head>
        <body>
          <header class="bar">{school ? <SchoolMark school={school} /> : <PlatformMark />}</header>
          <main>{children}</main>
          <footer class="foot">
            {school ? (
              <a href={Url.schoolUrl(school)}>Back to {school.name}</a>
            ) : (
              <a href={Url.platformUrl()}>Back to Lectern</a>
            )}
            {legalOf(frame).map(({ page, href }) => (
              <a key={page} href={href}>
                {Legal.labels[page]}
              </a>
            ))}
          </footer>
          <script nonce={nonce}>{raw(script)}</script>
        </body>
      </html>
    </>
  );
}

/** Returns the links to the school's legal pages and contact, or to the platform's. */
export const legalOf = ({ school }: Pick<Frame, "school">): readonly Legal.Link[] =>
  school ? Legal.linksOf(school, (path) => Url.schoolUrl(school, path)) : Legal.platformLinks();

function SchoolMark({ school }: { school: Route }) {
  const { light, dark } = Brand.logoPaths(school);
  const isWordmark = light !== null && school.brand.logoHasName;
  return (
    <a class="mark" href={Url.schoolUrl(school)}>
      {light ? (
        <picture>
          {dark && dark !== light && (
            <source media="(prefers-color-scheme: dark)" srcset={Url.schoolUrl(school, dark)} />
          )}
          <img src={Url.schoolUrl(school, light)} alt={isWordmark ? school.name : ""} />
        </picture>
      ) : (
        <i aria-hidden="true">{[...school.name.trim()][0]?.toUpperCase()}</i>
      )}
      {!isWordmark && (
        <span lang={school.locale} dir="auto">
          {school.name}
        </span>
      )}
    </a>
  );
}

const PlatformMark = () => (
  <a class="mark" href={Url.platformUrl()}>
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 5.5 20 3v9.5L4 15z" />
      <path d="M12 14v7M7.5 21h9" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" />
    </svg>
    <span>Lectern</span>
  </a>
);

/** An e-mail address as its owner writes it: browsers send the domain in ASCII, and accounts keep it so. */
export const Address = ({ email }: { email: string }) => <strong>{shownEmail(email)}</strong>;

/** The title line and the one sentence under it. */
export const Heading = ({ title, children }: { title: string; children?: Child }) => (
  <div>
    <h1>{title}</h1>
    {children && <p class="lead">{children}</p>}
  </div>
);
