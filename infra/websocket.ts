import { makeFunction, resource, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";
import { itemsOfDoor, uses } from "./uses.ts";
import { dns } from "./zone.ts";

// WebSocket connections of pages, on a separate host name: CloudFront would close each after ten idle minutes. An
// authorizer checks the caller before any other function runs.
const stage = stageOf($app.stage);

export const websocket = new sst.aws.ApiGatewayWebSocket("Websocket", {
  domain: { name: `ws.${stage.domain}`, dns },
  accessLog: { retention: "3 days" },
  transform: {
    accessLog: (args) => {
      args.kmsKeyId = keys.logs.arn;
    },
    stage: (args) => {
      // Throttles a runaway page before it uses up the account's concurrency.
      args.defaultRouteSettings = { throttlingBurstLimit: 200, throttlingRateLimit: 100 };
    },
  },
});

const link = resource("Socket", { url: websocket.url, managementEndpoint: websocket.managementEndpoint });
const sends: Use = {
  links: [link],
  permissions: [
    {
      actions: ["execute-api:ManageConnections"],
      resources: [$interpolate`${websocket.nodes.api.executionArn}/*/POST/@connections/*`],
    },
  ],
};

const asked: Use[] = [uses.platform, uses.directory, itemsOfDoor("SocketAuthorize"), uses.schools, uses.database];
const authorize = makeFunction("SocketAuthorize", {
  handler: "packages/functions/src/websocket/authorize.handler",
  description: "Lets a page's connection through by its access token",
  timeout: "10 seconds",
  memory: "512 MB",
  uses: asked,
});
const socket = makeFunction("SocketServe", {
  handler: "packages/functions/src/websocket/handler.handler",
  description: "Opens, answers and closes pages' connections",
  timeout: "10 seconds",
  memory: "512 MB",
  uses: [uses.directory, uses.schools, uses.database, sends],
});

const authorizer = websocket.addAuthorizer("Token", {
  lambda: {
    function: authorize.live.arn,
    identitySources: ["route.request.header.Sec-WebSocket-Protocol", "route.request.header.Origin"],
  },
});
websocket.route("$connect", socket.live.arn, { auth: { lambda: authorizer.id } });
websocket.route("$disconnect", socket.live.arn);
websocket.route("$default", socket.live.arn);
