import { DomainError } from "@lectern/core/kernel/error";
import type { Params } from "@remix-run/react";

/** Returns a route parameter. It throws if missing, which means a misnamed route file. */
export function param({ params }: { params: Params }, name: string): string {
  const value = params[name];
  if (!value) throw new DomainError("not_found", "page.not_found", "There is no such page.");
  return value;
}
