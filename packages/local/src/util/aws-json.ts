import { isRecord } from "./files.ts";

export class AwsJsonError extends Error {
  override readonly name = "AwsJsonError";
  constructor(
    readonly type: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Local services only check that a signature exists. */
const authorization =
  "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/local/aws4_request, SignedHeaders=host, Signature=local";

/**
 * Calls a local service in the AWS JSON protocol. Loading an SDK client would take longer than starting the service.
 * @param target `DynamoDB_20120810.ListTables`, `AmazonSQS.SendMessage`, `AWSEvents.PutRule`...
 * @throws AwsJsonError on an error answer
 */
export async function awsJson(
  endpoint: string,
  target: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": target.startsWith("AWSEvents.") ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0",
      "x-amz-target": target,
      "x-amz-date": new Date().toISOString().replace(/[-:]|\.\d+/g, ""),
      authorization,
    },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  const parsed: unknown = text ? JSON.parse(text) : {};
  const answer = isRecord(parsed) ? parsed : {};
  if (!response.ok) {
    const type =
      String(answer.__type ?? "UnknownError")
        .split("#")
        .at(-1) ?? "UnknownError";
    throw new AwsJsonError(type, String(answer.message ?? answer.Message ?? text), response.status);
  }
  return answer;
}
