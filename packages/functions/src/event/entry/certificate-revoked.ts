import { certificateRevoked } from "../reactions/certificate-revoked.ts";

export const { handler } = certificateRevoked;
