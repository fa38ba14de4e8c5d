import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { onAws } from "@lectern/core/kernel/aws/client";
import { Resource } from "sst";

let client: ApiGatewayManagementApiClient | undefined;

/** Sends to one connection; false when it has gone without saying so. */
export async function send(connectionId: string, message: object): Promise<boolean> {
  const { managementEndpoint = "" } = Resource.Socket ?? {};
  // Three attempts within the function's ten seconds.
  client ??= new ApiGatewayManagementApiClient({ ...onAws(2_500, 3), endpoint: managementEndpoint });
  try {
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(message) }));
    return true;
  } catch (error) {
    if (error instanceof GoneException) return false;
    throw error;
  }
}
