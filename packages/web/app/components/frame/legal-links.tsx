import { Link } from "@remix-run/react";
import { common } from "../../messages/en/common.ts";
import { useFrame } from "./frame-data.ts";

/** The legal pages and the contact of whose site this is; what is not written is not linked. */
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
