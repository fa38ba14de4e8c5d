import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

// A server for tests of the deployed paths, which no local part covers. It records what our clients send on AWS, and
// `answer` replies in the service's own protocol.

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The access key the request was signed with, and for which region. */
  readonly signedBy: string;
  readonly signedFor: string;
}
export interface Answered {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

export interface AwsServer {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function awsServer(answer: (asked: Asked) => Answered | Promise<Answered>): Promise<AwsServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = await read(request);
    asked.push(one);
    const { status = 200, headers = {}, body } = await answer(one);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { method = "", url = "", headers } = request;
  const [, signedBy = "", signedFor = ""] =
    /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
  return { method, url, headers, body, signedBy, signedFor };
}

/** The environment of a deployed function: a stage's resources, its credentials, and our server as AWS. */
export function asDeployed(server: Pick<AwsServer, "url">, resources: Record<string, unknown>): void {
  Object.assign(process.env, {
    SST_RESOURCES_JSON: JSON.stringify({ App: { name: "lectern", stage: "production" }, ...resources }),
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKIAFUNCTION",
    AWS_SECRET_ACCESS_KEY: "function-secret",
    AWS_ENDPOINT_URL: server.url,
  });
}

/** Answers an AssumeRole with credentials named after the school of its tag; undefined for anything else. */
export function stsAnswer({ body }: Pick<Asked, "body">): Answered | undefined {
  if (!body.includes("Action=AssumeRole")) return undefined;
  const form = new URLSearchParams(body);
  const school = form.get("Tags.member.1.Value");
  const ends = new Date(Date.now() + Number(form.get("DurationSeconds")) * 1000).toISOString();
  return {
    headers: { "content-type": "text/xml" },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
      <AssumedRoleUser><AssumedRoleId>A:${school}</AssumedRoleId><Arn>${form.get("RoleArn")}/${school}</Arn></AssumedRoleUser>
      <Credentials><AccessKeyId>KEY-${school}</AccessKeyId><SecretAccessKey>s-${school}</SecretAccessKey>
      <SessionToken>token-${school}</SessionToken><Expiration>${ends}</Expiration></Credentials>
      </AssumeRoleResult></AssumeRoleResponse>`,
  };
}
