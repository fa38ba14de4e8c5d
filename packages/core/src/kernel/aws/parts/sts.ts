// Imported dynamically. A dynamic import of the package would bundle all of it; these named exports can be tree-shaken.
export { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
