// Connections and transactions for kernel/db and packages/tenants only. Everything that belongs to a school goes
// through `Db.use`, which binds the transaction to the school.
export { codeOf, constraintOf, isConnectionLost, isUniqueViolation, translate, withCause } from "./error.ts";
export * as Postgres from "./index.ts";
export { passwordOf } from "./password.ts";
export { createPool, type Lease, type Pool, type PoolOptions, unavailable } from "./pool.ts";
export { type CopyOut, type TransactionOptions, type Tx, transact } from "./transaction.ts";
