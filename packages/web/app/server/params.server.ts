import { DomainError } from "@lectern/core/kernel/error";
import type { Params } from "@remix-run/react";

/** A part of the address by name. The router has matched it, so its absence would be a route that is misnamed. */
export function param({ params }: { params: Params }, name: string): string {
  const value = params[name];
  if (!value) throw new DomainError("not_found", "page.not_found", "There is no such page.");
  return value;
}
