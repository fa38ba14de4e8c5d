import { account, partition } from "./account.ts";
import { allFunctions, makeFunction } from "./functions.ts";
import { publishes } from "./messaging.ts";
import { home, type Place } from "./places.ts";
import { uses } from "./uses.ts";
import { farServers, site } from "./web.ts";

// Errors, slow requests and metrics of all functions' logs go to the function that groups them (docs/observability.md).
const wanted =
  '{ ($.level = "error") || ($.level = "fatal") || ($.level = "ERROR") || ($.level = "FATAL") || ($.msg = "slow request") || ($._aws.Timestamp > 0) }';

/** All functions with application logs, except the reader itself, which would process its own lines. */
const writers = allFunctions.map(({ name, fn }) => ({ name, group: fn.nodes.logGroup }));

/** CloudWatch delivers lines only within a region, so each region has a reader; it writes its findings at home. */
function readIn(place: Place) {
  const { suffix, region, options } = place;
  const reader = makeFunction(
    `OpsLogs${suffix}`,
    {
      description: "Groups errors and sums up response times from log lines",
      handler: "packages/functions/src/ops/logs.handler",
      timeout: "1 minute",
      uses: [uses.ops, publishes],
    },
    place,
  );
  const called = new aws.lambda.Permission(
    `OpsLogs${suffix}Called`,
    {
      function: reader.live.functionName,
      qualifier: reader.live.name,
      action: "lambda:InvokeFunction",
      principal: $interpolate`logs.${region}.amazonaws.com`,
      sourceAccount: account,
      sourceArn: $interpolate`arn:${partition}:logs:${region}:${account}:log-group:*`,
    },
    options,
  );
  return (name: string, group: $util.Input<string>) =>
    new aws.cloudwatch.LogSubscriptionFilter(
      `${name}Told`,
      { logGroup: group, filterPattern: wanted, destinationArn: reader.live.arn },
      { ...options, dependsOn: [called] },
    );
}

const tell = readIn(home);
// Functions under `sst dev` log to a developer's terminal.
if (!$dev) {
  for (const { name, group } of writers)
    tell(
      name,
      $output(group).apply((each) => each?.name ?? $output("")),
    );
  tell(
    "Web",
    $output(site.nodes.server).apply((server) =>
      $output(server?.nodes.logGroup).apply((each) => each?.name ?? $output("")),
    ),
  );
  for (const { place, subject, logGroup } of farServers) readIn(place)(subject, logGroup.name);
}
