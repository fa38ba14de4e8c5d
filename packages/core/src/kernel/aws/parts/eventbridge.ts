// Imported dynamically. A dynamic import of the package would bundle all of it; these named exports can be tree-shaken.
export { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
