/*
  As before, and a school that was opened a moment ago lets in who comes by an old connection. Postgres keeps, per
  connection, the roles its user may take; a grant that commits while that list is being made is missing from it, until
  roles change again ("permission denied to set role"). The list is of one user at a time, so asking about another user
  throws it away. A list made after the grant has it: once is enough.
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
  if not pg_has_role(session_user, p_schema, 'SET') then
    perform pg_has_role('lectern_school', p_schema, 'SET');
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
