import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import * as dns from "../dns/index.ts";
import { messageOf, type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { house } from "./house.ts";
import { panel } from "./panel.ts";
import { arnOf, CloudFrontError, managedArnOf, type Tenant, Tenants, type Wish } from "./tenants.ts";
import { document, type Element, find, listAt, read, textAt } from "./xml.ts";

export interface CloudFrontOptions {
  dataDir: string;
  port?: number;
  dnsPort?: number;
  /** The platform's host name; every name below `domains.<platform>` resolves to the edge. */
  platform: string;
  /** Duration of a certificate's issue and of a change. Default 500. */
  paceMs?: number;
  log?: (line: string) => void;
}

export interface CloudFront extends Part {
  port: number;
  endpoint: string;
  dns: string;
  dnsPort: number;
}

/**
 * The part of CloudFront that custom domains need, for the unmodified SDK client: distribution tenants with ETags,
 * managed certificates from pending to issued, the connection group. Includes a name server; developers edit its
 * records at `/dns`.
 */
export async function start(options: CloudFrontOptions): Promise<CloudFront> {
  const begin = performance.now();
  const { dataDir, platform } = options;
  const records = new dns.Records(dataDir, { below: `domains.${platform}`, target: house.routingEndpoint });
  const tenants = new Tenants(dataDir, house, records, options.paceMs ?? 500);
  const names = await dns.start({ port: options.dnsPort ?? 0, records });
  const server = createAdaptorServer({ fetch: app(tenants, records, options.log).fetch }) as Server;
  const port = await listen(server, options.port);
  let stopped: Promise<void> | undefined;
  return {
    name: "CloudFront",
    address: `http://127.0.0.1:${port}/dns`,
    ms: since(begin),
    port,
    endpoint: `http://127.0.0.1:${port}`,
    dns: names.server,
    dnsPort: names.port,
    stop: () => {
      stopped ??= (async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await names.stop();
      })();
      return stopped;
    },
  };
}

function app(tenants: Tenants, records: dns.Records, log: ((line: string) => void) | undefined): Hono {
  const made = new Hono();
  const base = "/2020-05-31";
  made.get("/", (c) => c.text("CloudFront"));

  made.use(`${base}/*`, async (c, next) => {
    c.header("x-amzn-requestid", randomUUID());
    if (!c.req.header("authorization"))
      return c.body(refusal("MissingAuthenticationToken", "Missing token."), 403, xml);
    return next();
  });
  made.onError((error, c) => {
    if (error instanceof CloudFrontError) return c.body(refusal(error.name, error.message), error.status, xml);
    log?.(`CloudFront: ${messageOf(error)}`);
    return c.body(refusal("InvalidArgument", messageOf(error)), 400, xml);
  });

  made.post(`${base}/distribution-tenant`, async (c) => {
    const body = read(await c.req.text());
    const tags = (find(body, "Tags", "Items")?.children.get("Tag") ?? []).map(
      (tag) => [textAt(tag, "Key") ?? "", textAt(tag, "Value") ?? ""] as const,
    );
    return told(c, tenants, tenants.create(textAt(body, "Name") ?? "", Object.fromEntries(tags), wishOf(body)), 201);
  });
  made.get(`${base}/distribution-tenant/:id`, (c) => told(c, tenants, tenants.get(c.req.param("id"))));
  made.put(`${base}/distribution-tenant/:id`, async (c) => {
    const wish = wishOf(read(await c.req.text()));
    return told(c, tenants, tenants.update(c.req.param("id"), c.req.header("if-match"), wish));
  });
  made.delete(`${base}/distribution-tenant/:id`, (c) => {
    tenants.remove(c.req.param("id"), c.req.header("if-match"));
    return c.body(null, 204);
  });
  made.get(`${base}/managed-certificate/:id`, (c) => {
    const tenant = tenants.get(c.req.param("id"));
    const details = {
      CertificateArn: managedArnOf(tenant),
      CertificateStatus: tenants.certificateOf(tenant),
      ValidationTokenHost: "cloudfront",
      ValidationTokenDetails: tenant.domains.map((Domain) => ({ Domain })),
    };
    return c.body(document("ManagedCertificateDetails", details), 200, xml);
  });
  made.get(`${base}/connection-group/:id`, (c) => {
    if (c.req.param("id") !== house.connectionGroupId)
      throw new CloudFrontError("EntityNotFound", "The specified connection group does not exist.");
    const group = { Id: house.connectionGroupId, Name: "local", RoutingEndpoint: house.routingEndpoint };
    return c.body(document("ConnectionGroup", { ...group, Status: "Deployed", Enabled: true }), 200, xml);
  });

  made.get("/dns", (c) => c.html(panel(records.all())));
  made.post("/dns", async (c) => {
    const origin = c.req.header("origin");
    if (origin !== undefined && origin !== new URL(c.req.url).origin) return c.text("A form of another site.", 403);
    const form = await c.req.parseBody();
    if (form.intent === "remove") records.remove(String(form.name), form.type ? String(form.type) : undefined);
    else {
      const record = dns.RecordInput.safeParse(form);
      if (!record.success) return c.html(panel(records.all(), record.error.issues[0]?.message), 422);
      records.set(record.data);
    }
    return c.redirect("/dns", 303);
  });
  return made;
}

const xml = { "content-type": "text/xml" };

const refusal = (Code: string, Message: string) =>
  document("ErrorResponse", { Error: { Type: "Sender", Code, Message }, RequestId: randomUUID() });

function wishOf(body: Element): Wish {
  const certificateArn = textAt(body, "Customizations", "Certificate", "Arn");
  const distributionId = textAt(body, "DistributionId");
  const connectionGroupId = textAt(body, "ConnectionGroupId");
  return {
    domains: listAt(body, "Domains").map((item) => textAt(item, "Domain") ?? ""),
    enabled: textAt(body, "Enabled") !== "false",
    managed: find(body, "ManagedCertificateRequest") !== undefined,
    ...(certificateArn && { certificateArn }),
    ...(distributionId && { distributionId }),
    ...(connectionGroupId && { connectionGroupId }),
  };
}

function told(c: Context, tenants: Tenants, tenant: Tenant, status: 200 | 201 = 200) {
  const Status = tenants.domainStatusOf(tenant);
  const body = document("DistributionTenant", {
    Id: tenant.id,
    DistributionId: tenant.distributionId,
    Name: tenant.name,
    Arn: arnOf(tenant),
    Domains: tenant.domains.map((Domain) => ({ Domain, Status })),
    ...(tenant.certificateArn && { Customizations: { Certificate: { Arn: tenant.certificateArn } } }),
    ConnectionGroupId: tenant.connectionGroupId,
    CreatedTime: new Date(tenant.createdAt).toISOString(),
    LastModifiedTime: new Date(tenant.changedAt).toISOString(),
    Enabled: tenant.enabled,
    Status: tenants.statusOf(tenant),
  });
  return c.body(body, status, { ...xml, etag: tenant.etag });
}
