import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { onAws } from "@lectern/core/kernel/aws/client";
import { Resource } from "sst";

let client: ApiGatewayManagementApiClient | undefined;

/** Sends to one connection. Returns false if it no longer exists. */
export async function send(connectionId: string, message: object): Promise<boolean> {
  const { managementEndpoint = "" } = Resource.Socket ?? {};
  // Three attempts fit within the function's ten seconds.
  client ??= new ApiGatewayManagementApiClient({ ...onAws(2_500, 3), endpoint: managementEndpoint });
  try {
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(message) }));
    return true;
  } catch (error) {
    if (error instanceof GoneException) return false;
    throw error;
  }
}
