import { Resolver } from "node:dns/promises";
import {
  CloudFrontClient,
  CreateDistributionTenantCommand,
  DeleteDistributionTenantCommand,
  GetConnectionGroupCommand,
  GetDistributionTenantCommand,
  GetManagedCertificateDetailsCommand,
  UpdateDistributionTenantCommand,
} from "@aws-sdk/client-cloudfront";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientOptions, tempDir } from "../testing/index.ts";
import { house } from "./house.ts";
import { type CloudFront, start } from "./index.ts";

let dir: ReturnType<typeof tempDir>;
let part: CloudFront;
const open = async () => {
  part = await start({ dataDir: dir.path, platform: "localhost", paceMs: 1_000 });
  return new CloudFrontClient(clientOptions(part.endpoint));
};
const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 100 });
beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await part.stop();
  dir.remove();
});

const { distributionId: DistributionId, connectionGroupId: ConnectionGroupId, routingEndpoint } = house;
const host = "learn.example.edu";
const request = (over: object = {}) =>
  new CreateDistributionTenantCommand({
    ...{ Name: "own-1", DistributionId, ConnectionGroupId, Domains: [{ Domain: host }], Enabled: true },
    ManagedCertificateRequest: { ValidationTokenHost: "cloudfront", PrimaryDomainName: host },
    ...over,
  });
const set = (form: Record<string, string>) =>
  fetch(`${part.endpoint}/dns`, {
    method: "POST",
    body: new URLSearchParams({ intent: "set", ...form }),
    redirect: "manual",
  });
const lead = () => set({ name: host, type: "CNAME", value: "abc.domains.localhost" });

describe("distribution tenants, by the SDK's own client", () => {
  test("are made, found by id, name and ARN, changed by their ETag, and deleted once they are off", async () => {
    const client = await open();
    await expect(client.send(request())).rejects.toMatchObject({ name: "InvalidArgument" });
    await lead();
    const { DistributionTenant: made, ETag } = await client.send(
      request({ Tags: { Items: [{ Key: "a", Value: "b" }] } }),
    );
    expect(made).toMatchObject({
      Name: "own-1",
      DistributionId,
      Enabled: true,
      Status: "InProgress",
      Domains: [{ Domain: host, Status: "inactive" }],
    });
    const Id = made?.Id ?? "";
    for (const Identifier of [Id, "own-1", made?.Arn ?? ""])
      expect((await client.send(new GetDistributionTenantCommand({ Identifier }))).ETag).toBe(ETag);
    await expect(client.send(request())).rejects.toMatchObject({ name: "EntityAlreadyExists" });
    await expect(client.send(request({ Name: "own-2" }))).rejects.toMatchObject({ name: "CNAMEAlreadyExists" });
    await expect(client.send(request({ Name: "own-3", DistributionId: "E0" }))).rejects.toMatchObject({
      name: "EntityNotFound",
    });

    const details = () => client.send(new GetManagedCertificateDetailsCommand({ Identifier: "own-1" }));
    expect((await details()).ManagedCertificateDetails).toMatchObject({ CertificateStatus: "pending-validation" });
    const arn = await eventually(async () => {
      const { ManagedCertificateDetails } = await details();
      expect(ManagedCertificateDetails?.CertificateStatus).toBe("issued");
      return ManagedCertificateDetails?.CertificateArn ?? "";
    });
    const update = (IfMatch: string | undefined, over: object) =>
      client.send(
        new UpdateDistributionTenantCommand({
          ...{ Id, IfMatch, DistributionId, ConnectionGroupId, Domains: [{ Domain: host }], Enabled: true },
          ...over,
        }),
      );
    const Customizations = { Certificate: { Arn: arn } };
    await expect(update("EOLD", { Customizations })).rejects.toMatchObject({ name: "PreconditionFailed" });
    const shown = await update(ETag, { Customizations });
    expect(shown.DistributionTenant).toMatchObject({ Domains: [{ Status: "active" }], Customizations });
    expect(shown.ETag).not.toBe(ETag);

    const remove = (IfMatch: string | undefined) => client.send(new DeleteDistributionTenantCommand({ Id, IfMatch }));
    await expect(remove(shown.ETag)).rejects.toMatchObject({ name: "ResourceNotDisabled" });
    const off = await update(shown.ETag, { Customizations, Enabled: false });
    await expect(remove(off.ETag)).rejects.toMatchObject({ name: "ResourceNotDisabled" });
    await eventually(() => remove(off.ETag));
    await expect(client.send(new GetDistributionTenantCommand({ Identifier: Id }))).rejects.toMatchObject({
      name: "EntityNotFound",
    });
  });

  test("outlive a restart, with the records", async () => {
    const client = await open();
    await lead();
    const { ETag } = await client.send(request());
    await part.stop();
    const again = await open();
    expect((await again.send(new GetDistributionTenantCommand({ Identifier: "own-1" }))).ETag).toBe(ETag);
    expect(
      (await again.send(new GetConnectionGroupCommand({ Identifier: ConnectionGroupId }))).ConnectionGroup,
    ).toMatchObject({ RoutingEndpoint: routingEndpoint });
    const resolver = new Resolver();
    resolver.setServers([part.dns]);
    expect(await resolver.resolveCname(host)).toEqual(["abc.domains.localhost"]);
  });

  test("get no certificate where the owner lets only others issue", async () => {
    const client = await open();
    await lead();
    await client.send(request());
    await set({ name: host, type: "CNAME", value: "elsewhere.example.net" });
    await set({ name: "other.example.edu", type: "A", value: "127.0.0.1" });
    await set({ name: "other.example.edu", type: "CAA", value: '0 issue "letsencrypt.org"' });
    await client.send(request({ Name: "own-2", Domains: [{ Domain: "other.example.edu" }] }));
    const status = async (Identifier: string) =>
      (await client.send(new GetManagedCertificateDetailsCommand({ Identifier }))).ManagedCertificateDetails
        ?.CertificateStatus;
    await eventually(async () => expect(await status("own-2")).toBe("failed"));
    expect(await status("own-1")).toBe("pending-validation");
  });
});

describe("the name server, by Node's own resolver", () => {
  test("answers every kind of record, and says what there is not", async () => {
    await open();
    const resolver = new Resolver();
    resolver.setServers([part.dns]);
    for (const record of [
      { name: "Example.EDU.", type: "A", value: "192.0.2.7" },
      { name: "example.edu", type: "AAAA", value: "2001:db8::7" },
      { name: "example.edu", type: "TXT", value: "x".repeat(300) },
      { name: "example.edu", type: "TXT", value: "second" },
      { name: "example.edu", type: "CAA", value: '0 issue "amazon.com"' },
      { name: "www.example.edu", type: "CNAME", value: "web.example.edu" },
      { name: "web.example.edu", type: "CNAME", value: "example.edu" },
    ])
      expect((await set(record)).status).toBe(303);
    expect(await resolver.resolve4("www.example.edu")).toEqual(["192.0.2.7"]);
    expect(await resolver.resolve6("EXAMPLE.edu")).toEqual(["2001:db8::7"]);
    expect((await resolver.resolveTxt("example.edu")).map((parts) => parts.join(""))).toEqual([
      "x".repeat(300),
      "second",
    ]);
    expect(await resolver.resolveCaa("example.edu")).toMatchObject([{ issue: "amazon.com" }]);
    expect(await resolver.resolve4("anything.domains.localhost")).toEqual(["127.0.0.1"]);
    expect(await resolver.resolveCname("anything.domains.localhost")).toEqual([routingEndpoint]);
    await expect(resolver.resolveCname("example.edu")).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolve4("nobody.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  test("refuses invalid records and other sites' forms", async () => {
    await open();
    for (const record of [
      { name: "a b.example", type: "A", value: "192.0.2.7" },
      { name: "a.example", type: "A", value: "not an address" },
      { name: "a.example", type: "CNAME", value: "https://b.example" },
      { name: "a.example", type: "MX", value: "10 b.example" },
    ])
      expect((await set(record)).status).toBe(422);
    const headers = { origin: "http://evil.example" };
    const body = new URLSearchParams({ intent: "set", name: "a.example", type: "A", value: "192.0.2.7" });
    expect((await fetch(`${part.endpoint}/dns`, { method: "POST", headers, body })).status).toBe(403);
    expect(await (await fetch(`${part.endpoint}/dns`)).text()).toContain("None yet.");
  });
});
