import type { Passwords } from "./index.ts";

/** Quotes a string for statements that take no parameters; used for role passwords. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

// Creates the login role if it is missing and sets its password.
const login = (name: string, attributes: string, password: string): string => `
do $do$ begin
  if not exists (select from pg_roles where rolname = '${name}') then create role ${name}; end if;
end $do$;
alter role ${name} login ${attributes} password ${literal(password)};`;

const group = (name: string): string => `
do $do$ begin
  if not exists (select from pg_roles where rolname = '${name}') then create role ${name} nologin; end if;
end $do$;`;

/**
 * Returns the SQL for a server's roles. Cells on the same server share them. lectern_app has no rights beyond the gate:
 * it is NOINHERIT and gets each school's role only through SET ROLE.
 */
export const rolesSql = (passwords: Passwords): string => `
select pg_advisory_xact_lock(42, 0);
${group("lectern_owner")}
${group("lectern_school")}
${login("lectern_app", "noinherit nocreatedb nocreaterole", passwords.app)}
${login("lectern_platform", "noinherit nocreatedb nocreaterole", passwords.platform)}
${login("lectern_migrator", "noinherit nocreatedb nocreaterole", passwords.migrator)}
${login("lectern_provisioner", "noinherit nocreatedb createrole", passwords.provisioner)}
grant lectern_owner to current_user with set true;
grant lectern_owner to lectern_migrator, lectern_provisioner with inherit false, set true, admin false;
grant lectern_school to lectern_provisioner with inherit false, set false, admin true;
-- A statement that was sent before the gate was passed finds nothing and does not stay long.
alter role lectern_app set search_path = '';
alter role lectern_app set statement_timeout = '5s';
alter role lectern_app set lock_timeout = '1s';
alter role lectern_app set idle_in_transaction_session_timeout = '5s';
alter role lectern_platform set search_path = '';
alter role lectern_platform set statement_timeout = '30s';
alter role lectern_platform set idle_in_transaction_session_timeout = '30s';
`;

/** RDS refuses password sign-in for members of rds_iam. */
export const tokenSql = "grant rds_iam to lectern_app, lectern_platform";

/** Returns the SQL for database-level rights and the list of catalog migrations. */
export const databaseSql = (database: string): string => `
select pg_advisory_xact_lock(42, 1);
revoke all on database "${database}" from public;
revoke all on schema public from public;
grant connect on database "${database}"
  to lectern_app, lectern_platform, lectern_migrator, lectern_provisioner, lectern_owner;
grant create on database "${database}" to lectern_owner;
create schema if not exists catalog authorization lectern_owner;
create table if not exists catalog.applied (name text primary key, at timestamptz not null default now());
alter table catalog.applied owner to lectern_owner;
`;
