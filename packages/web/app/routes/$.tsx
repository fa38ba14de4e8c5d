import { DomainError } from "@lectern/core/kernel/error";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { ErrorPage } from "../components/frame/error-page.tsx";
import { refusing } from "../server/refusal.server.ts";

const nothing = (args: LoaderFunctionArgs) =>
  refusing(args, () => Promise.reject(new DomainError("not_found", "page.not_found", "There is no such page.")));

/** Answers every unknown address with 404, for forms too. */
export const loader = nothing;
export const action = nothing;

export default function NotFound() {
  return <ErrorPage />;
}

export const ErrorBoundary = () => <ErrorPage />;
