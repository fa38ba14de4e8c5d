-- The catalog of one cell: the gate every school's work passes, and the account of what was done to each schema.
-- No learner data. Run as lectern_owner, who owns everything here. The roles and the schema `catalog` itself, with the
-- list of what has been applied, exist already: packages/tenants/src/cell.

create schema bus;
create schema ext;

-- Functions and operators that schools' indexes and queries may use; a school's search path is its schema and this.
create extension pg_trgm schema ext;
create extension unaccent schema ext;

grant usage on schema catalog to lectern_app, lectern_platform, lectern_migrator, lectern_provisioner;
grant usage on schema bus to lectern_school, lectern_platform;
grant usage on schema ext to lectern_school, lectern_migrator, lectern_provisioner;

-- The gate. One row per school of this cell, ready-made ones included.
create table catalog.school (
  id text primary key check (id ~ '^sch_[0-9a-hjkmnp-tv-z]{26}$'),
  -- Derived from the id, so bus.emit needs no lookup and a schema can never belong to two schools.
  schema_name text not null unique check (schema_name = 's_' || substr(id, 5)),
  state text not null check (state in ('warm', 'opening', 'active', 'suspended', 'deleting')),
  -- Grows whenever routes that are still remembered somewhere must stop working.
  epoch integer not null default 1,
  -- Number of the last migration of migrations/school that ran here.
  version integer not null,
  last_error text,
  -- The opening that claimed it; a resumed opening finds its school by it.
  opening_id text unique,
  claimed_at timestamptz,
  created_at timestamptz not null default now()
);
create index school_warm_idx on catalog.school (created_at) where state = 'warm';
create index school_version_idx on catalog.school (version, id);

-- A run of the migration runner over all schools.
create table catalog.run (
  id text primary key,
  target integer not null,
  state text not null check (state in ('running', 'done', 'stopped', 'failed')),
  options jsonb not null default '{}',
  report jsonb,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);

-- What ran in which schema, written in the same transaction as what it tells.
create table catalog.ledger (
  school_id text not null references catalog.school (id) on delete cascade,
  version integer not null,
  run_id text,
  at timestamptz not null default now(),
  primary key (school_id, version)
);

-- What a schema of each version must look like, taken from the migrations themselves on a scratch schema.
create table catalog.template (
  version integer primary key,
  fingerprint text not null,
  at timestamptz not null default now()
);

-- Events born in Postgres, until the relay has published them.
create table bus.outbox (
  id text primary key,
  school_id text not null,
  type text not null,
  envelope jsonb not null,
  created_at timestamptz not null default now(),
  attempts integer not null default 0
);
create index outbox_school_idx on bus.outbox (school_id);

/*
  Binds the open transaction to one school: checks that it exists, is open and has the epoch the caller knows, then sets,
  all until the end of this transaction only, the timeouts, the search path and, last, the role. From then on the caller
  has the school's rights and no others, which do not reach this function: a second call fails by itself.
  Runs with the caller's rights, because a role cannot be set in a SECURITY DEFINER function.
  LS404: no such school. LS503: closed. LS409: the caller's epoch is old.
*/
create function catalog.enter(p_schema text, p_epoch integer, p_kind text) returns void
language plpgsql as $$
declare
  v_state text;
  v_epoch integer;
begin
  select s.state, s.epoch into v_state, v_epoch from catalog.school s where s.schema_name = p_schema;
  if v_state is null or v_state in ('warm', 'deleting') then
    raise exception 'school not found' using errcode = 'LS404';
  elsif v_state = 'suspended' then
    raise exception 'school is suspended' using errcode = 'LS503';
  elsif v_epoch <> p_epoch then
    raise exception 'school has moved on' using errcode = 'LS409';
  end if;
  perform set_config('statement_timeout', case p_kind when 'job' then '60s' else '5s' end, true),
    set_config('lock_timeout', '1s', true),
    set_config('idle_in_transaction_session_timeout', '5s', true),
    set_config('application_name', p_schema, true),
    set_config('search_path', p_schema || ',ext', true),
    set_config('role', p_schema, true);
end
$$;

/*
  Writes an event to the outbox in the school's own transaction. The school is the role's, which only catalog.enter and
  the runner set; an envelope that names another one is refused.
*/
create function bus.emit(p_id text, p_type text, p_envelope jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_role text := current_setting('role');
begin
  if v_role !~ '^s_[0-9a-hjkmnp-tv-z]{26}$' then
    raise exception 'bus.emit needs the role of a school' using errcode = '42501';
  end if;
  if p_envelope ->> 'schoolId' is distinct from 'sch_' || substr(v_role, 3)
    or p_envelope ->> 'id' is distinct from p_id or p_envelope ->> 'type' is distinct from p_type then
    raise exception 'the envelope does not agree with its school' using errcode = '42501';
  end if;
  insert into bus.outbox (id, school_id, type, envelope)
  values (p_id, 'sch_' || substr(v_role, 3), p_type, p_envelope);
end
$$;

/*
  First statement of a school's migration: takes the school's row, or gives up at once when another runner has it
  (LS423) or the school is not at the version this migration starts from (LS410), and writes the ledger.
*/
create function catalog.step(p_id text, p_from integer, p_to integer, p_run text) returns void
language plpgsql as $$
declare
  v_version integer;
begin
  select s.version into v_version from catalog.school s where s.id = p_id for update skip locked;
  if v_version is null then
    if exists (select from catalog.school s where s.id = p_id) then
      raise exception 'another runner has this school' using errcode = 'LS423';
    end if;
    raise exception 'school not found' using errcode = 'LS404';
  end if;
  if v_version <> p_from then
    raise exception 'school is at version %', v_version using errcode = 'LS410';
  end if;
  update catalog.school set version = p_to, last_error = null where id = p_id;
  insert into catalog.ledger (school_id, version, run_id) values (p_id, p_to, p_run)
    on conflict (school_id, version) do update set run_id = excluded.run_id, at = now();
end
$$;

revoke all on all functions in schema catalog from public;
revoke all on all functions in schema bus from public;

grant execute on function catalog.enter(text, integer, text) to lectern_app;
grant select (schema_name, state, epoch) on catalog.school to lectern_app;

grant execute on function bus.emit(text, text, jsonb) to lectern_school;

grant select, insert, update, delete on catalog.school, catalog.run, catalog.ledger, catalog.template to lectern_platform;
grant select, update, delete on bus.outbox to lectern_platform;

grant execute on function catalog.step(text, integer, integer, text) to lectern_migrator;
grant select, update on catalog.school to lectern_migrator;
grant select, insert, update on catalog.run, catalog.ledger, catalog.template to lectern_migrator;

grant select, insert, delete on catalog.school to lectern_provisioner;
grant select, insert on catalog.ledger to lectern_provisioner;
grant select on catalog.template to lectern_provisioner;
