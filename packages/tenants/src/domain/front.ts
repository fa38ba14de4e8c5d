import { Aws } from "@lectern/core/kernel/aws";
import { Resource } from "sst";

// CloudFront's side of a domain: a distribution tenant with a certificate that CloudFront requests and renews. Each
// function is safe to repeat after an interruption.

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

/** A refusal by CloudFront that the school can fix. */
export class FrontRefusal extends Error {
  override readonly name = "FrontRefusal";
  constructor(readonly reason: "in_use_elsewhere" | "dns_unseen") {
    super(reason);
  }
}

/** Returns the tenant of that name and creates it if missing. */
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
        // CloudFront answers the validation request itself, because the host already points to it.
        ManagedCertificateRequest: { ValidationTokenHost: "cloudfront", PrimaryDomainName: host },
        Tags: { Items: [{ Key: "lectern:stage", Value: Resource.App.stage }] },
        Enabled: true,
      }),
    );
    return toFound(DistributionTenant, ETag);
  } catch (error) {
    // Another worker has just created it.
    const made = isNamed(error, "EntityAlreadyExists") ? await get(sdk, name) : undefined;
    if (made) return made;
    if (isNamed(error, "CNAMEAlreadyExists")) throw new FrontRefusal("in_use_elsewhere");
    if (isNamed(error, "InvalidArgument") && /ownership|not be pointing/i.test(String(error)))
      throw new FrontRefusal("dns_unseen");
    throw error;
  }
}

/** Returns the certificate's status. */
export async function certificate(name: string): Promise<{ arn: string; status: "pending" | "issued" | "failed" }> {
  const sdk = await Aws.cloudfront();
  const { ManagedCertificateDetails: details } = await sdk.client.send(
    new sdk.GetManagedCertificateDetailsCommand({ Identifier: name }),
  );
  const status = details?.CertificateStatus;
  if (status === "issued") return { arn: details?.CertificateArn ?? "", status };
  return { arn: "", status: status === undefined || status === "pending-validation" ? "pending" : "failed" };
}

/** Attaches the certificate to the tenant. */
export async function attach(tenant: Found, arn: string): Promise<void> {
  if (tenant.certificateArn === arn) return;
  await update(tenant, { isEnabled: true, certificateArn: arn });
}

/** Returns the tenant, or undefined if there is none. */
export const look = async (name: string): Promise<Found | undefined> => get(await Aws.cloudfront(), name);

/** Disables the tenant, or deletes it once the edge has disabled it. Returns true when it is deleted. */
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

/** Sends every field, because CloudFront clears those that an update omits. */
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
    // Another worker changed it; the next check reads the new state.
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
