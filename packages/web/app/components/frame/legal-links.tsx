import { Link } from "@remix-run/react";
import { common } from "../../messages/en/common.ts";
import { useFrame } from "./frame-data.ts";

/** Links to the legal pages and the contact that exist. */
export function LegalLinks({ className }: { className: string }) {
  return useFrame().legal.map(({ page, href }) =>
    href.startsWith("/") ? (
      <Link key={page} to={href} className={className}>
        {common(page)}
      </Link>
    ) : (
      <a key={page} href={href} className={className}>
        {common(page)}
      </a>
    ),
  );
}
