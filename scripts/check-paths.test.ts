// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source code.
import { expect, test } from "vitest";
import { findHandBuiltPaths } from "./check-paths.ts";

const findings = (code: string) => findHandBuiltPaths("packages/web/app/x.tsx", code).length;

test.each([
  ["a link", "<Link to={`/learn/${slug}`} />"],
  ["a link to one of two pages", "<a href={isDone ? `/learn/${slug}` : home} />"],
  ["a form's target", "<Form action={`${base}?index`} />"],
  ["a redirect", "redirect(`/courses/${slug}`)"],
  ["a redirect with a message", 'redirectWith("/courses/" + slug, said)'],
  ["a redirect of the sign-in host", "c.redirect(`${page}?flow=${flow}`)"],
  ["a path kept for later", "const path = `/certificates/${number}`"],
  ["an entry of a menu", "const item = { to: `${base}/people`, label }"],
  ["an address in a mail", "Url.schoolUrl(school, `/studio/courses/${id}`)"],
  ["a secret's page", "Url.authUrl(`/verify?token=${token}`)"],
  ["the page that undoes a change", "Url.authUrl(`/email-undo?token=${token}`)"],
  ["Remix's own redirect", 'import { redirect } from "@remix-run/node"'],
])("finds %s built by hand", (_, code) => expect(findings(code)).toBe(1));

test.each([
  ["what pathTo builds", "<Link to={pathTo.lesson(course.slug, lesson.slug)} />"],
  ["a fixed page", '<Link to="/courses" />'],
  ["a part of the page", "<a href={`#${name}`} />"],
  ["another site", "<a href={`https://example.org/${id}`} />"],
  ["a key in a store", "const key = `${schoolId}/course/${id}`"],
])("lets %s be", (_, code) => expect(findings(code)).toBe(0));
