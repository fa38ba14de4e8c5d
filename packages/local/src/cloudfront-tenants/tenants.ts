import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Records } from "../dns/index.ts";
import { readJson, writeJson } from "../util/files.ts";

/** A refusal with CloudFront's own error name. */
export class CloudFrontError extends Error {
  constructor(
    override readonly name: keyof typeof statuses,
    message: string,
  ) {
    super(message);
  }
  get status() {
    return statuses[this.name];
  }
}
const statuses = {
  EntityNotFound: 404,
  EntityAlreadyExists: 409,
  CNAMEAlreadyExists: 409,
  ResourceNotDisabled: 409,
  InvalidArgument: 400,
  InvalidIfMatchVersion: 400,
  PreconditionFailed: 412,
} as const;

const Tenant = z.object({
  id: z.string(),
  name: z.string(),
  distributionId: z.string(),
  connectionGroupId: z.string(),
  domains: z.array(z.string()),
  enabled: z.boolean(),
  tags: z.record(z.string(), z.string()),
  certificateArn: z.string().optional(),
  /** When the caller requested a managed certificate. */
  requestedAt: z.number().optional(),
  createdAt: z.number(),
  changedAt: z.number(),
  etag: z.string(),
});
export type Tenant = z.infer<typeof Tenant>;

export interface House {
  readonly distributionId: string;
  readonly connectionGroupId: string;
  readonly routingEndpoint: string;
}

export type Wish = Pick<Tenant, "domains" | "enabled"> &
  Partial<Pick<Tenant, "certificateArn" | "distributionId" | "connectionGroupId">> & { readonly managed: boolean };

const account = "000000000000";
const id = (prefix: string) => `${prefix}_${randomBytes(15).toString("base64url").replaceAll(/[-_]/g, "x")}`;
const newEtag = () => `E${randomBytes(7).toString("hex").toUpperCase().slice(0, 13)}`;

export const arnOf = (tenant: Tenant): string => `arn:aws:cloudfront::${account}:distribution-tenant/${tenant.id}`;
export const managedArnOf = (tenant: Tenant): string => `arn:aws:acm:us-east-1:${account}:certificate/${tenant.id}`;

/** The distribution tenants of the local stage, kept across restarts. Every change takes `paceMs`. */
export class Tenants {
  readonly #file: string;
  readonly #all: Map<string, Tenant>;

  constructor(
    dataDir: string,
    readonly house: House,
    readonly dns: Records,
    readonly paceMs: number,
  ) {
    this.#file = join(dataDir, "cloudfront", "tenants.json");
    const kept = z
      .array(Tenant)
      .catch([])
      .parse(readJson(this.#file) ?? []);
    this.#all = new Map(kept.map((tenant) => [tenant.id, tenant]));
  }

  create(name: string, tags: Readonly<Record<string, string>>, wish: Wish): Tenant {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9.-]{1,126}[a-zA-Z0-9]$/.test(name))
      throw new CloudFrontError("InvalidArgument", "The name of the distribution tenant is not valid.");
    if (this.list().some((each) => each.name === name))
      throw new CloudFrontError("EntityAlreadyExists", "A distribution tenant with this name already exists.");
    this.#check(wish);
    const now = Date.now();
    return this.#keep({
      distributionId: this.house.distributionId,
      connectionGroupId: this.house.connectionGroupId,
      id: id("dt"),
      name,
      tags: { ...tags },
      domains: wish.domains,
      enabled: wish.enabled,
      ...(wish.certificateArn && { certificateArn: wish.certificateArn }),
      ...(wish.managed && { requestedAt: now }),
      createdAt: now,
      changedAt: now,
      etag: newEtag(),
    });
  }

  /** Finds a tenant by id, ARN or name. */
  get(identifier: string): Tenant {
    const found = this.list().find(
      (each) => each.id === identifier || each.name === identifier || arnOf(each) === identifier,
    );
    if (!found) throw new CloudFrontError("EntityNotFound", "The specified distribution tenant does not exist.");
    return found;
  }

  list(): Tenant[] {
    return [...this.#all.values()];
  }

  /** Replaces the tenant; as on AWS, omitted fields are cleared. */
  update(tenantId: string, etag: string | undefined, wish: Wish): Tenant {
    const tenant = this.#matched(tenantId, etag);
    this.#check(wish, tenant);
    const { certificateArn: _, ...rest } = tenant;
    return this.#keep({
      ...rest,
      domains: wish.domains,
      enabled: wish.enabled,
      ...(wish.certificateArn && { certificateArn: wish.certificateArn }),
      ...(wish.managed && { requestedAt: Date.now() }),
      changedAt: Date.now(),
      etag: newEtag(),
    });
  }

  remove(tenantId: string, etag: string | undefined): void {
    const tenant = this.#matched(tenantId, etag);
    if (tenant.enabled || this.statusOf(tenant) !== "Deployed")
      throw new CloudFrontError(
        "ResourceNotDisabled",
        "The distribution tenant you are trying to delete has not been disabled.",
      );
    this.#all.delete(tenant.id);
    this.#write();
  }

  statusOf(tenant: Tenant): "InProgress" | "Deployed" {
    return Date.now() - tenant.changedAt < this.paceMs ? "InProgress" : "Deployed";
  }

  domainStatusOf(tenant: Tenant): "active" | "inactive" {
    return tenant.enabled && tenant.certificateArn ? "active" : "inactive";
  }

  /** Issued once the domain resolves here; failed when a CAA record allows only other authorities. */
  certificateOf(tenant: Tenant): "pending-validation" | "issued" | "failed" | "validation-timed-out" {
    const { requestedAt, domains } = tenant;
    if (requestedAt === undefined) throw new CloudFrontError("EntityNotFound", "There is no managed certificate.");
    const age = Date.now() - requestedAt;
    if (tenant.certificateArn === managedArnOf(tenant)) return "issued";
    if (age < this.paceMs) return "pending-validation";
    if (domains.some((domain) => this.#forbidsAmazon(domain))) return "failed";
    if (domains.every((domain) => this.dns.isHere(domain))) return "issued";
    return age > 72 * 3_600_000 ? "validation-timed-out" : "pending-validation";
  }

  #forbidsAmazon(domain: string): boolean {
    const records = this.dns.lookup(domain, "CAA").records.filter(({ type }) => type === "CAA");
    return records.length > 0 && !records.some(({ value }) => /amazon(trust|aws)?\.com|awstrust\.com/.test(value));
  }

  #matched(tenantId: string, etag: string | undefined): Tenant {
    const tenant = this.get(tenantId);
    if (!etag) throw new CloudFrontError("InvalidIfMatchVersion", "The If-Match version is missing or not valid.");
    if (etag !== tenant.etag) throw new CloudFrontError("PreconditionFailed", "The If-Match version does not match.");
    return tenant;
  }

  #check(wish: Wish, self?: Tenant): void {
    const { distributionId = this.house.distributionId, connectionGroupId = this.house.connectionGroupId } = wish;
    if (distributionId !== this.house.distributionId)
      throw new CloudFrontError("EntityNotFound", "The specified distribution does not exist.");
    if (connectionGroupId !== this.house.connectionGroupId)
      throw new CloudFrontError("EntityNotFound", "The specified connection group does not exist.");
    if (wish.domains.length === 0) throw new CloudFrontError("InvalidArgument", "At least one domain is required.");
    const others = this.list().filter((each) => each.id !== self?.id);
    for (const domain of wish.domains) {
      if (others.some(({ domains }) => domains.includes(domain)))
        throw new CloudFrontError(
          "CNAMEAlreadyExists",
          "One or more of the CNAMEs you provided are already associated.",
        );
      if (wish.managed && !this.dns.isHere(domain))
        throw new CloudFrontError(
          "InvalidArgument",
          "The provided Domain Name is not valid. Could not verify Domain Name ownership. It may not be pointing to a valid CloudFront resource.",
        );
    }
  }

  #keep(tenant: Tenant): Tenant {
    this.#all.set(tenant.id, tenant);
    this.#write();
    return tenant;
  }

  #write(): void {
    writeJson(this.#file, this.list());
  }
}
