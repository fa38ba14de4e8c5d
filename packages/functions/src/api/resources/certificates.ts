import { Certificate } from "@lectern/core/certificate";
import { Permission } from "@lectern/core/kernel/permission";
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
    permission: Permission.none("whoever holds a certificate's number may check it; it says only what the paper says"),
    rateLimit: limits.guess,
    calls: Certificate.byNumber,
    responses: { 200: { description: "What the certificate says.", schema: Checked } },
    etag: true,
    run: ({ call, params }) => call(params),
  }),
];
