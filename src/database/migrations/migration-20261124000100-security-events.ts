import { Migration } from '@mikro-orm/migrations';

/**
 * What happened to accounts, append-only and chained by hashes: docs/security-events.md.
 * The functions that seal and purge run with the rights of the role that migrates, so that the server's own role needs no
 * right to change what is written.
 */
export class Migration20261124000100SecurityEvents extends Migration {
  override up(): void {
    for (const statement of [...events, ...chain, ...protection, purge, ...pinned]) this.addSql(statement);
  }
}

const events = [
  // No foreign keys: events outlive what they speak of.
  `create table security_events (
    id uuid primary key,
    type text not null,
    user_id uuid,
    actor_id uuid,
    session_id uuid,
    ip_address text,
    user_agent text,
    detail text,
    created_at timestamptz(3) not null
  )`,
  'create index security_events_created_at_index on security_events (created_at, id)',
  'create index security_events_user_id_index on security_events (user_id, created_at, id)',
  'create index security_events_type_index on security_events (type, created_at, id)',
  'create index security_events_user_id_type_index on security_events (user_id, type, created_at, id)',
];

const chain = [
  `create table security_event_seals (
    position bigint primary key,
    event_id uuid not null unique,
    hash bytea not null
  )`,
  // One row: where the chain begins, after what was purged, and where it ends.
  `create table security_event_chain (
    only_row boolean primary key default true check (only_row),
    base_position bigint not null default 0,
    base_hash bytea not null default decode(repeat('00', 32), 'hex'),
    position bigint not null default 0,
    hash bytea not null default decode(repeat('00', 32), 'hex')
  )`,
  'insert into security_event_chain default values',
  // Each part as its length in bytes, a colon, itself and a comma (a netstring), or `-,` for null: no two events have the same bytes.
  `create function security_event_bytes(event security_events) returns bytea language sql stable as $$
    select convert_to(string_agg(
      coalesce(octet_length(convert_to(part, 'UTF8')) || ':' || part, '-') || ',', '' order by place), 'UTF8')
    from unnest(array[
      event.id::text, event.type, event.user_id::text, event.actor_id::text, event.session_id::text,
      event.ip_address, event.user_agent, event.detail, (extract(epoch from event.created_at) * 1000)::bigint::text
    ]) with ordinality as parts (part, place)
  $$`,
  `create function seal_security_event() returns trigger language plpgsql security definer as $$
  declare
    sealed security_event_chain%rowtype;
  begin
    update security_event_chain c
      set position = c.position + 1, hash = sha256(c.hash || security_event_bytes(new)) returning * into sealed;
    insert into security_event_seals (position, event_id, hash) values (sealed.position, new.id, sealed.hash);
    return null;
  end $$`,
  // At commit, so that the chain's row is the last that a transaction locks, and locked for an instant only.
  `create constraint trigger seal_security_event after insert on security_events
    deferrable initially deferred for each row execute function seal_security_event()`,
];

const protection = [
  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    if current_setting('postern.purging', true) is distinct from 'on' then
      raise exception 'security events are append-only' using errcode = 'insufficient_privilege';
    end if;
    return case when tg_level = 'ROW' then old end;
  end $$`,
  ...['security_events', 'security_event_seals'].flatMap((table) => [
    `create trigger append_only before update or delete on ${table} for each row execute function refuse_change()`,
    `create trigger append_only_truncate before truncate on ${table} for each statement execute function refuse_change()`,
  ]),
];

/** Removes a batch from the chain's beginning; nobody, whatever their rights, makes it remove what is younger than 30 days. */
const purge = `create function purge_security_events(older_than timestamptz, batch integer) returns integer
  language plpgsql security definer as $$
  declare
    last_position bigint;
  begin
    older_than := least(older_than, statement_timestamp() - interval '30 days');
    perform from security_event_chain for update;
    select max(position) filter (where not too_young) into last_position from (
      select s.position, bool_or(e.created_at >= older_than) over (order by s.position) as too_young
      from (select position, event_id from security_event_seals order by position limit batch) s
      -- One by one: a batch is nothing beside the table, which the planner would read as a whole.
      cross join lateral (select created_at from security_events where id = s.event_id offset 0) e
    ) as oldest;
    if last_position is null then return 0; end if;
    update security_event_chain set base_position = last_position,
      base_hash = (select hash from security_event_seals where position = last_position);
    perform set_config('postern.purging', 'on', true);
    delete from security_events where id in (select event_id from security_event_seals where position <= last_position);
    delete from security_event_seals where position <= last_position;
    get diagnostics last_position = row_count;
    perform set_config('postern.purging', 'off', true);
    return last_position;
  end $$`;

/** A function that runs with its owner's rights must not find tables that its caller has put before the real ones. */
const pinned = ['seal_security_event()', 'purge_security_events(timestamptz, integer)'].map(
  (name) => `do $$ begin
    execute format('alter function ${name} set search_path = %I, pg_temp', current_schema());
  end $$`,
);
