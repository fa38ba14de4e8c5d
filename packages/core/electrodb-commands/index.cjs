// Replaces `@aws-sdk/lib-dynamodb` where ElectroDB requires it (`overrides` in the root package.json). A required
// module cannot be tree-shaken: every bundle contained all commands, paginators and waiters of DynamoDB, which took a
// third of the SDK's cold start. packages/core/src/kernel/dynamo adds the commands that ElectroDB sends.
module.exports = globalThis[Symbol.for("lectern.electrodb-commands")] ??= {};
