/** @jsxImportSource hono/jsx */
import { withQuery } from "@lectern/core/kernel/path";

export const withFlow = (path: string, flow: string): string => withQuery(path, { flow });

/** Renders tabs for signing up and signing in. */
export const JoinTabs = ({ flow, at }: { flow: string; at: "sign-up" | "sign-in" }) => (
  <nav class="tabs" aria-label="Sign up or sign in">
    <a href={withFlow("/sign-up", flow)} aria-current={at === "sign-up" ? "page" : undefined}>
      Create an account
    </a>
    <a href={withFlow("/sign-in", flow)} aria-current={at === "sign-in" ? "page" : undefined}>
      Sign in
    </a>
  </nav>
);

/** Names the course that the person will enroll in. */
export const ToEnroll = ({ course }: { course: string }) => (
  <>
    Then you are enrolled in <bdi>{course}</bdi> and begin with its first lesson.
  </>
);
