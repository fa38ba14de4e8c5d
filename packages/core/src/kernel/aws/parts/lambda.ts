// Imported when it is first used. A package imported so would come whole: from here come the names that are asked for.
export { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
