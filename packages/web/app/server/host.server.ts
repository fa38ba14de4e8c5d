import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { Trace } from "@lectern/core/kernel/trace";
import { hostUrl, schoolUrl } from "@lectern/core/kernel/url";
import { Resource } from "sst";
import { hostOf, type RequestArgs, stateOf } from "./request.server.ts";

/** What the address of a request stands for. */
export type Host = { readonly kind: "platform" } | { readonly kind: "school"; readonly route: Route };

/**
 * Platform or school, by host alone. An unknown host is 404, never a default school; a school that is suspended, opening
 * or being deleted is refused here, so no page of it answers.
 */
export function hostFor(args: RequestArgs): Promise<Host> {
  const state = stateOf(args);
  state.host ??= resolve(hostOf(args.request));
  return state.host;
}

async function resolve(host: string): Promise<Host> {
  if (host.toLowerCase() === Resource.Platform.domain) return { kind: "platform" };
  const route = await Directory.byHost(host);
  if (!route) throw new DomainError("not_found", "host.unknown", "There is no school at this address.");
  Trace.atSchool(route.schoolId);
  return { kind: "school", route: Directory.requireActive(route) };
}

/** An address of the school on the host that this request came to: its subdomain, or a domain of its own. */
export function hereUrl(request: Request, school: Route, path: string): string {
  const host = hostOf(request);
  return Directory.isOwn(host) ? hostUrl(Directory.normalise(host), path) : schoolUrl(school, path);
}
