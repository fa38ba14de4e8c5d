import { randomBytes } from "node:crypto";
import { Resource } from "sst";

// What the owner of a domain does at their DNS provider, on the local stage.

/** A name that no other test uses. */
export const aHost = (): string => `learn.t-${randomBytes(6).toString("hex")}.edu`;

const post = async (form: Record<string, string>): Promise<void> => {
  const response = await fetch(`${Resource.LocalCloud?.endpoints.cloudfront}/dns`, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
  });
  if (response.status !== 303) throw new Error(`the local DNS refused ${JSON.stringify(form)}`);
};

export const setRecord = (record: { type: string; name: string; value: string }): Promise<void> =>
  post({ intent: "set", ...record });

export const removeRecords = (name: string): Promise<void> => post({ intent: "remove", name });
