// Invented values for what only AWS knows. A component that needs another one fails with its name.

const account = "123456789012";

type Inputs = Record<string, unknown>;

export function stateOf(type: string, name: string, inputs: Inputs): Inputs {
  const region = String(inputs.region ?? "us-east-1");
  return {
    ...inputs,
    arn: arnOf(type, name, inputs, region),
    name: inputs.name ?? name,
    bucket: inputs.bucket ?? name.toLowerCase(),
    ...known[type]?.(name, inputs, region),
  };
}

function arnOf(type: string, name: string, inputs: Inputs, region: string): string {
  const [, , kind = ""] = type.split(":");
  const service = type.split(":")[1]?.split("/")[0] ?? "mock";
  const label = String(inputs.name ?? inputs.bucket ?? name);
  if (/^aws:s3\/bucket(V2)?:/.test(type)) return `arn:aws:s3:::${label.toLowerCase()}`;
  if (service === "iam") return `arn:aws:iam::${account}:${kind.toLowerCase()}/${label}`;
  if (service === "sqs" || service === "sns") return `arn:aws:${service}:${region}:${account}:${label}`;
  if (service === "cloudfront") return `arn:aws:cloudfront::${account}:${kind.toLowerCase()}/${label}`;
  const prefix: Record<string, string> = {
    Table: "table/",
    Function: "function:",
    LogGroup: "log-group:",
    Key: "key/",
    EventBus: "event-bus/",
    Secret: "secret:",
  };
  return `arn:aws:${service === "cloudwatch" && /EventBus|EventRule/.test(kind) ? "events" : service === "cloudwatch" && kind === "LogGroup" ? "logs" : service}:${region}:${account}:${prefix[kind] ?? `${kind.toLowerCase()}/`}${label}`;
}

const known: Record<string, (name: string, inputs: Inputs, region: string) => Inputs> = {
  "aws:lambda/functionUrl:FunctionUrl": (name, _, region) => ({
    functionUrl: `https://${name.toLowerCase()}.lambda-url.${region}.on.aws/`,
  }),
  "aws:lambda/function:Function": (name, inputs, region) => ({
    codeSha256: "made-up",
    invokeArn: `arn:aws:apigateway:${region}:lambda:path/functions/${String(inputs.name ?? name)}/invocations`,
    qualifiedArn: `arn:aws:lambda:${region}:${account}:function:${String(inputs.name ?? name)}:1`,
    version: "1",
  }),
  "aws:lambda/alias:Alias": (_, inputs, region) => ({
    arn: `arn:aws:lambda:${region}:${account}:function:${String(inputs.functionName)}:${String(inputs.name)}`,
  }),
  "aws:acm/certificate:Certificate": (_, inputs) => ({
    domainValidationOptions: [
      {
        resourceRecordType: "CNAME",
        resourceRecordName: `_v.${String(inputs.domainName ?? "d")}`,
        resourceRecordValue: "v",
        domainName: String(inputs.domainName ?? "d"),
      },
    ],
  }),
  "aws:route53/zone:Zone": (name) => ({ zoneId: `${name}-zone` }),
  "aws:sqs/queue:Queue": (name, _, region) => ({ url: `https://sqs.${region}.amazonaws.com/${account}/${name}` }),
  "aws:rds/cluster:Cluster": (name, _, region) => ({
    endpoint: `${name}.cluster.${region}.rds.amazonaws.com`.toLowerCase(),
    readerEndpoint: `${name}.cluster-ro.${region}.rds.amazonaws.com`.toLowerCase(),
    port: 5432,
    clusterResourceId: `cluster-${name.toUpperCase()}`,
    masterUserSecrets: [
      {
        secretArn: `arn:aws:secretsmanager:${region}:${account}:secret:${name}`,
        kmsKeyId: "k",
        secretStatus: "active",
      },
    ],
  }),
  "aws:rds/proxy:Proxy": (name, _, region) => ({ endpoint: `${name}.proxy.${region}.rds.amazonaws.com`.toLowerCase() }),
  "aws:rds/proxyEndpoint:ProxyEndpoint": (name, _, region) => ({
    endpoint: `${name}.endpoint.proxy.${region}.rds.amazonaws.com`.toLowerCase(),
  }),
  "aws:cloudfront/distribution:Distribution": (name) => ({
    domainName: `${name.toLowerCase()}.cloudfront.net`,
    hostedZoneId: "Z2FDTNDATAQYW2",
    status: "Deployed",
  }),
  "aws:cloudfront/connectionGroup:ConnectionGroup": (name) => ({
    routingEndpoint: `${name.toLowerCase()}.cloudfront.net`,
  }),
  "aws:cloudfront/keyValueStore:KeyValueStore": (name) => ({
    arn: `arn:aws:cloudfront::${account}:key-value-store/${name}`,
  }),
  "aws:lb/loadBalancer:LoadBalancer": (name, _, region) => ({
    dnsName: `${name}.${region}.elb.amazonaws.com`.toLowerCase(),
    zoneId: "Z35SXDOTRQ7X7K",
    arnSuffix: `app/${name}/1`,
  }),
  "aws:lb/targetGroup:TargetGroup": (name) => ({ arnSuffix: `targetgroup/${name}/1` }),
  "aws:dynamodb/table:Table": (name, inputs, region) => ({
    streamArn: inputs.streamEnabled ? `arn:aws:dynamodb:${region}:${account}:table/${name}/stream/1` : "",
  }),
  "aws:s3/bucket:Bucket": bucketOf,
  "aws:s3/bucketV2:BucketV2": bucketOf,
  "aws:kms/key:Key": (name) => ({ keyId: `${name}-key` }),
  "aws:kms/replicaKey:ReplicaKey": (name) => ({ keyId: `${name}-key` }),
  "aws:ssm/parameter:Parameter": (_, inputs) => ({ value: String(inputs.value ?? "") }),
  "aws:apigatewayv2/api:Api": (name, _, region) => ({
    apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`.toLowerCase(),
    executionArn: `arn:aws:execute-api:${region}:${account}:${name}`,
  }),
  "aws:ec2/vpc:Vpc": (name) => ({
    defaultSecurityGroupId: `${name}-default-sg`,
    defaultNetworkAclId: `${name}-acl`,
    defaultRouteTableId: `${name}-rt`,
  }),
  "random:index/randomBytes:RandomBytes": () => ({ base64: Buffer.alloc(32).toString("base64"), hex: "00".repeat(32) }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `made-up-${name}` }),
  "random:index/randomId:RandomId": () => ({ hex: "abcdef12", b64Url: "abcdef12" }),
  "tls:index/privateKey:PrivateKey": () => ({
    privateKeyPem: "made-up",
    publicKeyPem: "made-up",
    publicKeyOpenssh: "made-up",
  }),
};

function bucketOf(name: string, inputs: Inputs, region: string): Inputs {
  const bucket = String(inputs.bucket ?? name.toLowerCase());
  return {
    bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    bucketDomainName: `${bucket}.s3.amazonaws.com`,
    region,
  };
}

export function callOf(token: string, inputs: Inputs): Inputs {
  const region = String(inputs.region ?? "us-east-1");
  if (token.includes("getAvailabilityZones"))
    return { names: ["a", "b", "c"].map((zone) => `${region}${zone}`), zoneIds: ["a", "b", "c"] };
  if (token.includes("getRegion")) return { name: region, region, id: region };
  if (token.includes("getCallerIdentity")) return { accountId: account, arn: `arn:aws:iam::${account}:root` };
  if (token.includes("getPartition")) return { partition: "aws", dnsSuffix: "amazonaws.com" };
  if (token.includes("getPolicyDocument"))
    return { ...inputs, json: policyJson(inputs), minifiedJson: policyJson(inputs) };
  if (token.includes("getZone")) return { zoneId: "Z0123456789", name: String(inputs.name ?? "lectern.example") };
  if (token.includes("getAmi")) return { id: "ami-1", imageId: "ami-1", architecture: "arm64" };
  if (/get(Managed)?PrefixList/.test(token)) return { id: "pl-1", cidrBlocks: ["192.0.2.0/24"] };
  if (token.includes("ssm/getParameter")) return { ...inputs, insecureValue: "made-up", value: "made-up" };
  if (token.includes("getOriginRequestPolicy") || token.includes("getCachePolicy"))
    return { id: String(inputs.name ?? "policy") };
  return inputs;
}

/** Renders an IAM policy document as the provider does. */
function policyJson(inputs: Inputs): string {
  const many = (value: unknown) =>
    value === undefined ? undefined : Array.isArray(value) && value.length === 1 ? value[0] : value;
  const statements = (inputs.statements ?? []) as Inputs[];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((each) => ({
      Effect: each.effect ?? "Allow",
      ...(each.sid !== undefined && { Sid: each.sid }),
      ...(each.actions !== undefined && { Action: many(each.actions) }),
      ...(each.notActions !== undefined && { NotAction: many(each.notActions) }),
      ...(each.resources !== undefined && { Resource: many(each.resources) }),
      ...(each.principals !== undefined && { Principal: principalOf(each.principals as PrincipalInput[]) }),
      ...(each.conditions !== undefined && { Condition: conditionsOf(each.conditions as ConditionInput[]) }),
    })),
  });
}

interface PrincipalInput {
  readonly type: string;
  readonly identifiers: readonly string[];
}

function principalOf(principals: readonly PrincipalInput[]): unknown {
  if (principals.some(({ type }) => type === "*")) return "*";
  return Object.fromEntries(
    principals.map(({ type, identifiers }) => [type, identifiers.length === 1 ? identifiers[0] : identifiers]),
  );
}

interface ConditionInput {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

function conditionsOf(conditions: readonly ConditionInput[]): Inputs {
  const all: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of conditions) {
    all[test] = { ...all[test], [variable]: values.length === 1 ? values[0] : values };
  }
  return all;
}
