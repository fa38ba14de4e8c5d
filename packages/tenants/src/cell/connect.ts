import { connect as open } from "node:net";
import type { Directory } from "@lectern/core/kernel/directory";
import { Secrets } from "@lectern/core/kernel/secret";
import postgres, { type Sql } from "postgres";

type Database = Directory.Cell["database"];

/**
 * Returns one connection to the cell's Postgres. It bypasses the proxy, because DDL and role creation need a session of
 * their own. The caller ends it.
 */
export function connect(database: Database, role: "lectern_migrator" | "lectern_provisioner"): Sql {
  const password = () =>
    Secrets.get(role === "lectern_migrator" ? "DatabaseMigratorPassword" : "DatabaseProvisionerPassword");
  const { port, database: name } = database;
  return client({ host: database.directHost ?? database.host, port, database: name, username: role, password });
}

const isOwnMachine = (host: string): boolean => /^(localhost|127\.0\.0\.1|\[?::1\]?)$/.test(host);

/** Like `connect`, by address, for bootstrapping as the server's administrator. */
export function client(to: {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string | (() => Promise<string>);
}): Sql {
  const { host, port } = to;
  // The driver's types lack this option. COPY ends with a small packet, which Nagle's algorithm would delay by 40 ms
  // for each table of a restore. TLS compares the certificate with host and port.
  const socket = () => Object.assign(open({ host, port, noDelay: true }), { host, port });
  const options = {
    ...{ ...to, socket, max: 1, fetch_types: false, connect_timeout: 10, max_lifetime: null },
    // A server on this machine belongs to a developer: the local cloud's, or the one beside a live Lambda.
    ssl: isOwnMachine(host) ? false : { rejectUnauthorized: true },
    onnotice: () => {},
  };
  return postgres(options);
}
