import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { idPattern } from "@lectern/core/kernel/id";
import { Internal } from "@lectern/core/kernel/internal";
import { log } from "@lectern/core/kernel/log";
import type { Hono, MiddlewareHandler } from "hono";
import { Resource } from "sst";
import { Health } from "../health/index.ts";
import { send } from "./answer.ts";
import type { Env } from "./context.ts";
import { maxBodyBytes } from "./input.ts";
import { HttpRefusal } from "./problem.ts";

// Endpoints for our other services, on the platform's host. They have no person and no school's permissions, so neither
// the OpenAPI document nor the isolation matrix lists them. A signature protects them.

export const internalPath = Internal.basePath;

/** Accepts a request signed by one of our functions, once. */
const requireSigned: MiddlewareHandler<Env> = async (c, next) => {
  if (c.get("school")) throw notHere();
  const { pathname, search } = new URL(c.req.url);
  const body = await bytesOf(c.req.raw.clone());
  const call = { method: c.req.method, target: `${pathname}${search}`, body };
  const refused = await Internal.refusalOf(call, c.req.header(Internal.header));
  if (refused) {
    log.warn({ method: call.method, path: pathname, refused }, "internal call refused");
    throw new HttpRefusal(401, "internal.signature", "This address is for our own services.");
  }
  await next();
};

export function mountInternal(app: Hono<Env>): void {
  app.use(`${internalPath}/*`, requireSigned);
  // Returns this process's cached route beside the directory's; they may differ for 30 seconds after a change.
  app.get(`${internalPath}/schools/:schoolId`, async (c) => {
    const schoolId = c.req.param("schoolId");
    const isId = idPattern("school").test(schoolId);
    const [known, stored] = isId
      ? await Promise.all([Directory.bySchool(schoolId), Directory.readSchool(schoolId)])
      : [undefined, undefined];
    if (!stored) throw new HttpRefusal(404, "school.not_found", "There is no such school.");
    const { slug, state, cell, epoch } = stored;
    const isCurrent = isSame(known, stored);
    return send(c, JSON.stringify({ schoolId, slug, state, cell, epoch, isCurrent }), { status: 200 });
  });
  // For `lectern school status`: looks up a slug and adds the state in the cell and the directory.
  app.get(`${internalPath}/status/:slug`, async (c) => {
    const { School } = await import("@lectern/tenants/school");
    const shown = await School.show({ slug: c.req.param("slug") });
    const { schoolId, name, slug, url, state, reason, cell, schema, epoch, version, lastError } = shown;
    const [known, hosts] = await Promise.all([Directory.bySchool(schoolId), Directory.hostsOf(schoolId)]);
    const { stage } = Resource.App;
    const { release } = Health.live();
    const school = { schoolId, name, slug, url, state, reason, cell, schema, epoch, version, lastError, hosts };
    return send(c, JSON.stringify({ ...school, isCurrent: isSame(known, shown), stage, release }), { status: 200 });
  });
}

const isSame = (known: Pick<Route, "epoch" | "state"> | undefined, stored: Pick<Route, "epoch" | "state">): boolean =>
  known?.epoch === stored.epoch && known.state === stored.state;

/** Returns the body's bytes, which the signature covers. */
async function bytesOf({ body }: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    bytes += next.value.byteLength;
    if (bytes > maxBodyBytes) throw new HttpRefusal(413, "request.too_large", "The body is larger than 1 MB.");
    chunks.push(next.value);
  }
  return Buffer.concat(chunks);
}

const notHere = (): HttpRefusal => new HttpRefusal(404, "route.not_found", "There is nothing at this address.");
