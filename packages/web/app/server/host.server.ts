import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { Trace } from "@lectern/core/kernel/trace";
import { hostUrl, schoolUrl } from "@lectern/core/kernel/url";
import { Resource } from "sst";
import { hostOf, type RequestArgs, stateOf } from "./request.server.ts";

export type Host = { readonly kind: "platform" } | { readonly kind: "school"; readonly route: Route };

/**
 * Returns the platform or the school for the request's host. Refuses unknown hosts with 404, and schools that are
 * suspended, provisioning or being deleted.
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

/** Returns the URL of a path on the school's host that the request used: its subdomain or its own domain. */
export function hereUrl(request: Request, school: Route, path: string): string {
  const host = hostOf(request);
  return Directory.isOwn(host) ? hostUrl(Directory.normalise(host), path) : schoolUrl(school, path);
}
