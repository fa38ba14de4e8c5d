import { certificateIssued } from "../reactions/certificate-issued.ts";

export const { handler } = certificateIssued;
