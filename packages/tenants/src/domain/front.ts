import { Aws } from "@lectern/core/kernel/aws";
import { Resource } from "sst";

// The edge's side of a domain: a distribution tenant of the multi-tenant distribution, with a certificate that CloudFront
// asks for and renews itself. Each function may be called again after it was cut short anywhere.

type Sdk = Awaited<ReturnType<typeof Aws.cloudfront>>;
interface Found {
  readonly id: string;
  readonly etag: string;
  readonly isEnabled: boolean;
  readonly isDeployed: boolean;
  readonly isServed: boolean;
  readonly certificateArn: string | undefined;
  readonly domains: readonly string[];
}

const isNamed = (error: unknown, ...names: string[]): boolean => error instanceof Error && names.includes(error.name);

/** A refusal that the school can do something about. */
export class FrontRefusal extends Error {
  override readonly name = "FrontRefusal";
  constructor(readonly reason: "in_use_elsewhere" | "dns_unseen") {
    super(reason);
  }
}

/** The tenant of that name, made when there is none. */
export async function ensure(name: string, host: string): Promise<Found> {
  const sdk = await Aws.cloudfront();
  const known = await get(sdk, name);
  if (known) return known;
  const { distributionId, connectionGroupId } = Resource.Domains;
  try {
    const { DistributionTenant, ETag } = await sdk.client.send(
      new sdk.CreateDistributionTenantCommand({
        Name: name,
        DistributionId: distributionId,
        ConnectionGroupId: connectionGroupId,
        Domains: [{ Domain: host }],
        // CloudFront itself answers the question that proves the domain: it leads there already.
        ManagedCertificateRequest: { ValidationTokenHost: "cloudfront", PrimaryDomainName: host },
        Tags: { Items: [{ Key: "lectern:stage", Value: Resource.App.stage }] },
        Enabled: true,
      }),
    );
    return toFound(DistributionTenant, ETag);
  } catch (error) {
    // Somebody else made it this moment.
    const made = isNamed(error, "EntityAlreadyExists") ? await get(sdk, name) : undefined;
    if (made) return made;
    if (isNamed(error, "CNAMEAlreadyExists")) throw new FrontRefusal("in_use_elsewhere");
    if (isNamed(error, "InvalidArgument") && /ownership|not be pointing/i.test(String(error)))
      throw new FrontRefusal("dns_unseen");
    throw error;
  }
}

/** How its certificate is getting on. */
export async function certificate(name: string): Promise<{ arn: string; status: "pending" | "issued" | "failed" }> {
  const sdk = await Aws.cloudfront();
  const { ManagedCertificateDetails: details } = await sdk.client.send(
    new sdk.GetManagedCertificateDetailsCommand({ Identifier: name }),
  );
  const status = details?.CertificateStatus;
  if (status === "issued") return { arn: details?.CertificateArn ?? "", status };
  return { arn: "", status: status === undefined || status === "pending-validation" ? "pending" : "failed" };
}

/** Has the tenant show this certificate. */
export async function attach(tenant: Found, arn: string): Promise<void> {
  if (tenant.certificateArn === arn) return;
  await update(tenant, { isEnabled: true, certificateArn: arn });
}

/** The tenant as it stands; undefined where there is none. */
export const look = async (name: string): Promise<Found | undefined> => get(await Aws.cloudfront(), name);

/** One step towards its end: it is switched off, then, when the edge knows, deleted. True when it is gone. */
export async function dismantle(name: string): Promise<boolean> {
  const sdk = await Aws.cloudfront();
  const tenant = await get(sdk, name);
  if (!tenant) return true;
  if (tenant.isEnabled) {
    await update(tenant, { isEnabled: false, certificateArn: tenant.certificateArn });
    return false;
  }
  if (!tenant.isDeployed) return false;
  try {
    await sdk.client.send(new sdk.DeleteDistributionTenantCommand({ Id: tenant.id, IfMatch: tenant.etag }));
    return true;
  } catch (error) {
    if (isNamed(error, "EntityNotFound")) return true;
    if (isNamed(error, "ResourceNotDisabled", "PreconditionFailed")) return false;
    throw error;
  }
}

/** Says everything anew: what an update leaves out is taken away. */
async function update(tenant: Found, to: { isEnabled: boolean; certificateArn: string | undefined }): Promise<void> {
  const sdk = await Aws.cloudfront();
  const { distributionId, connectionGroupId } = Resource.Domains;
  try {
    await sdk.client.send(
      new sdk.UpdateDistributionTenantCommand({
        Id: tenant.id,
        IfMatch: tenant.etag,
        DistributionId: distributionId,
        ConnectionGroupId: connectionGroupId,
        Domains: tenant.domains.map((Domain) => ({ Domain })),
        ...(to.certificateArn && { Customizations: { Certificate: { Arn: to.certificateArn } } }),
        Enabled: to.isEnabled,
      }),
    );
  } catch (error) {
    // Changed by somebody else meanwhile: the next look sees how it stands.
    if (!isNamed(error, "PreconditionFailed", "EntityNotFound")) throw error;
  }
}

async function get(sdk: Sdk, name: string): Promise<Found | undefined> {
  try {
    const { DistributionTenant, ETag } = await sdk.client.send(
      new sdk.GetDistributionTenantCommand({ Identifier: name }),
    );
    return toFound(DistributionTenant, ETag);
  } catch (error) {
    if (isNamed(error, "EntityNotFound")) return undefined;
    throw error;
  }
}

function toFound(
  tenant:
    | {
        Id?: string | undefined;
        Enabled?: boolean | undefined;
        Status?: string | undefined;
        Domains?: readonly { Domain: string | undefined; Status?: string | undefined }[] | undefined;
        Customizations?: { Certificate?: { Arn: string | undefined } | undefined } | undefined;
      }
    | undefined,
  etag: string | undefined,
): Found {
  if (!tenant?.Id || !etag) throw new Error("CloudFront answered without a tenant");
  const { Domains = [] } = tenant;
  return {
    id: tenant.Id,
    etag,
    isEnabled: tenant.Enabled ?? false,
    isDeployed: tenant.Status === "Deployed",
    isServed: Domains.length > 0 && Domains.every(({ Status }) => Status === "active"),
    certificateArn: tenant.Customizations?.Certificate?.Arn,
    domains: Domains.flatMap(({ Domain }) => (Domain ? [Domain] : [])),
  };
}
