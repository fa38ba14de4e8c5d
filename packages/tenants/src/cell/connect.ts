import { connect as open } from "node:net";
import type { Directory } from "@lectern/core/kernel/directory";
import { Secrets } from "@lectern/core/kernel/secret";
import postgres, { type Sql } from "postgres";

type Database = Directory.Cell["database"];

/**
 * One connection straight to the cell's Postgres, never through a proxy: DDL and role creation need a session of their
 * own. The caller ends it.
 */
export function connect(database: Database, role: "lectern_migrator" | "lectern_provisioner"): Sql {
  const password = () =>
    Secrets.get(role === "lectern_migrator" ? "DatabaseMigratorPassword" : "DatabaseProvisionerPassword");
  const { port, database: name } = database;
  return client({ host: database.directHost ?? database.host, port, database: name, username: role, password });
}

const isOwnMachine = (host: string): boolean => /^(localhost|127\.0\.0\.1|\[?::1\]?)$/.test(host);

/** As `connect`, by address; for the one act that needs the server's own administrator. */
export function client(to: {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string | (() => Promise<string>);
}): Sql {
  const { host, port } = to;
  // Not in the driver's types. What ends a COPY is a small packet behind others: by default it waits for their
  // acknowledgement, 40 ms for each table of a restore. Host and port are what TLS compares the certificate with.
  const socket = () => Object.assign(open({ host, port, noDelay: true }), { host, port });
  const options = {
    ...{ ...to, socket, max: 1, fetch_types: false, connect_timeout: 10, max_lifetime: null },
    // A server on this very machine is a developer's own: the local cloud's, or the one beside a live Lambda.
    ssl: isOwnMachine(host) ? false : { rejectUnauthorized: true },
    onnotice: () => {},
  };
  return postgres(options);
}
