import { Permission } from "@lectern/core/kernel/permission";
import { Certificate } from "@lectern/core/learn/certificate";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list } from "../schema.ts";

const Checked = z.object(Certificate.Info.shape).meta({ id: "Certificate" });
const Mine = z.object(Certificate.Mine.shape).meta({ id: "MyCertificate" });

export const certificateEndpoints = [
  endpoint({
    method: "get",
    path: "/certificates",
    tag: "Certificates",
    summary: "My certificates",
    permission: "certificate.read",
    rateLimit: limits.read,
    calls: Certificate.mine,
    responses: { 200: { description: "Newest first.", schema: list(Mine) } },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "get",
    path: "/certificates/{number}",
    tag: "Certificates",
    summary: "Check a certificate",
    permission: Permission.none(
      "anyone who holds a certificate's number may check it; it says only what the paper says",
    ),
    rateLimit: limits.guess,
    calls: Certificate.byNumber,
    responses: { 200: { description: "What the certificate says.", schema: Checked } },
    etag: true,
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/certificates/{number}/revoke",
    tag: "Certificates",
    summary: "Revoke a certificate",
    description:
      "The public check says so at once; the learner gets a mail with the reason, which the audit trail keeps.",
    permission: "certificate.manage",
    rateLimit: limits.write,
    calls: Certificate.revoke,
    request: { body: z.object({ reason: Certificate.revoke.schema.shape.reason }) },
    responses: { 200: { description: "Revoked.", schema: Checked } },
    refusals: [409],
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "post",
    path: "/certificates/{number}/reissue",
    tag: "Certificates",
    summary: "Reissue a certificate",
    description:
      "A new number, the learner's present name and today's date; also for one that was revoked. The old number no longer counts.",
    permission: "certificate.manage",
    rateLimit: limits.write,
    calls: Certificate.reissue,
    responses: { 200: { description: "The certificate under its new number.", schema: Checked } },
    run: ({ call, params }) => call(params),
  }),
];
