import { Directory } from "@lectern/core/kernel/directory";
import { isDomainError } from "@lectern/core/kernel/error";
import { Token } from "@lectern/core/people/identity";
import { Arriving, header, protocol } from "./event.ts";

interface Answer {
  readonly principalId: string;
  readonly policyDocument: object;
  readonly context?: Record<string, string>;
}

/**
 * Accepts a connection that a page of a school opens with an access token of that school. The browser's Origin header
 * stops other sites' pages, even with a token stolen from a log.
 */
export async function handler(event: unknown): Promise<Answer> {
  const { headers, methodArn } = Arriving.parse(event);
  const school = await Directory.byHost(hostOf(header(headers, "origin")));
  const offered = (header(headers, "sec-websocket-protocol") ?? "").split(",").map((each) => each.trim());
  const [name, bearer] = offered;
  if (school?.state !== "active" || name !== protocol || !bearer) return refuse(methodArn);
  try {
    const { userId, sessionId } = await Token.verify(bearer, school);
    const context = { schoolId: school.schoolId, userId, sessionId };
    return { principalId: userId, policyDocument: says("Allow", methodArn), context };
  } catch (error) {
    if (isDomainError(error) && error.kind === "unauthenticated") return refuse(methodArn);
    throw error;
  }
}

const refuse = (methodArn: string): Answer => ({ principalId: "nobody", policyDocument: says("Deny", methodArn) });

const says = (Effect: "Allow" | "Deny", Resource: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect, Action: "execute-api:Invoke", Resource }],
});

function hostOf(origin: string | undefined): string {
  return origin !== undefined && URL.canParse(origin) ? Directory.normalise(new URL(origin).host) : "";
}
