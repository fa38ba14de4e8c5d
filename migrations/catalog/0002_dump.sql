-- The nightly dump of each school: when the last one was finished, and who is at it now.
create table catalog.dump (
  school_id text primary key references catalog.school (id) on delete cascade,
  -- The UTC day of the last finished dump, its folder in the bucket, and what it came to.
  day date,
  folder text,
  finished_at timestamptz,
  bytes bigint,
  ms integer,
  -- Whoever dumps it holds it until then; a turn that was killed holds it no longer than it could have run.
  claimed_until timestamptz,
  last_error text
);

grant select, insert, update, delete on catalog.dump to lectern_platform;

/*
  As before, with a third kind of work: a dump. It may read a school that is suspended, it may take long, and it can write
  nothing, whatever it sends.
*/
create or replace function catalog.enter(p_schema text, p_epoch integer, p_kind text) returns void
language plpgsql as $$
declare
  v_state text;
  v_epoch integer;
begin
  select s.state, s.epoch into v_state, v_epoch from catalog.school s where s.schema_name = p_schema;
  if v_state is null or v_state in ('warm', 'deleting') then
    raise exception 'school not found' using errcode = 'LS404';
  elsif v_state = 'suspended' and p_kind <> 'dump' then
    raise exception 'school is suspended' using errcode = 'LS503';
  elsif v_epoch <> p_epoch then
    raise exception 'school has moved on' using errcode = 'LS409';
  end if;
  if p_kind = 'dump' then
    perform set_config('transaction_read_only', 'on', true);
  end if;
  perform set_config('statement_timeout', case p_kind when 'dump' then '14min' when 'job' then '60s' else '5s' end, true),
    set_config('lock_timeout', '1s', true),
    set_config('idle_in_transaction_session_timeout', case p_kind when 'dump' then '60s' else '5s' end, true),
    set_config('application_name', p_schema, true),
    set_config('search_path', p_schema || ',ext', true),
    set_config('role', p_schema, true);
end
$$;
