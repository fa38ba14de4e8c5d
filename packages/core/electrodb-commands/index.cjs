// Stands in for `@aws-sdk/lib-dynamodb` where ElectroDB requires it (`overrides` in the package.json of the house). What is
// required cannot be shaken: a bundle held every command, paginator and waiter of DynamoDB, and a third of a cold start's
// time with the SDK went into them. The commands ElectroDB sends are put here by packages/core/src/kernel/dynamo.
module.exports = globalThis[Symbol.for("lectern.electrodb-commands")] ??= {};
