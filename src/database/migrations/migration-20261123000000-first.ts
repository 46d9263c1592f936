import { Migration } from '@mikro-orm/migrations';

/** Users, sessions, refresh tokens, revocations, throttling and posts, with an index for every query the API makes. */
export class Migration20261123000000First extends Migration {
  override up(): void {
    for (const statement of [...users, ...sessions, ...revocations, ...signIn, ...posts]) this.addSql(statement);
  }
}

const users = [
  `create table users (
    id uuid primary key,
    username varchar(150) not null,
    email varchar(254) not null,
    password_hash text not null,
    password_changed_at timestamptz(3),
    role text not null check (role in ('USER', 'ADMIN')),
    is_active boolean not null default true,
    token_version integer not null default 0,
    created_at timestamptz(3) not null,
    last_login_at timestamptz(3)
  )`,
  'create unique index users_username_unique on users (lower(username))',
  'create unique index users_email_unique on users (lower(email))',
];

const sessions = [
  `create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz(3) not null,
    last_used_at timestamptz(3) not null,
    expires_at timestamptz(3) not null,
    ip_address text,
    user_agent text,
    ended_at timestamptz(3),
    end_reason text
  )`,
  'create index sessions_user_id_index on sessions (user_id, created_at, id)',
  'create index sessions_expires_at_index on sessions (expires_at)',
  `create table refresh_tokens (
    jti uuid primary key,
    session_id uuid not null references sessions (id) on delete cascade,
    issued_at timestamptz(3) not null,
    expires_at timestamptz(3) not null,
    rotated_at timestamptz(3),
    successor_jti uuid,
    blacklisted_at timestamptz(3)
  )`,
  'create index refresh_tokens_session_id_index on refresh_tokens (session_id)',
  'create index refresh_tokens_expires_at_index on refresh_tokens (expires_at)',
];

/**
 * What kills access tokens before they expire. The triggers are the one place that decides it, so that no feature, and no
 * hand in psql, can end a session or change `role`, `is_active` or `password_changed_at` unheard by any instance.
 */
const revocations = [
  `create table revocations (
    id bigint generated always as identity primary key,
    session_id uuid,
    user_id uuid,
    token_version integer,
    revoked_at timestamptz(3) not null default clock_timestamp()
  )`,
  'create index revocations_revoked_at_index on revocations (revoked_at)',
  `create function announce_revocation() returns trigger language plpgsql as $$
  begin
    perform pg_notify('postern_revocations', json_build_object(
      'sessionId', new.session_id, 'userId', new.user_id, 'tokenVersion', new.token_version)::text);
    return null;
  end $$`,
  `create trigger announce_revocation after insert on revocations
    for each row execute function announce_revocation()`,
  `create function revoke_session() returns trigger language plpgsql as $$
  begin
    if current_setting('postern.flushing', true) is distinct from 'on' then
      insert into revocations (session_id) values (old.id);
    end if;
    return null;
  end $$`,
  `create trigger session_ended after update on sessions
    for each row when (old.ended_at is null and new.ended_at is not null) execute function revoke_session()`,
  `create trigger session_deleted after delete on sessions
    for each row when (old.ended_at is null) execute function revoke_session()`,
  `create function raise_token_version() returns trigger language plpgsql as $$
  begin
    new.token_version := old.token_version + 1;
    insert into revocations (user_id, token_version) values (new.id, new.token_version);
    return new;
  end $$`,
  // A new password or a deactivation ends the sessions too, but for one that the transaction may name as its own.
  `create function end_sessions_of_user() returns trigger language plpgsql as $$
  begin
    update sessions set ended_at = clock_timestamp(), end_reason = case when new.is_active then 'PASSWORD_CHANGED' else 'USER_INACTIVE' end
    where user_id = new.id and ended_at is null and id::text is distinct from current_setting('postern.own_session', true);
    return null;
  end $$`,
  `create trigger user_locked_out after update on users
    for each row when (
      (old.is_active and not new.is_active) or old.password_changed_at is distinct from new.password_changed_at
    ) execute function end_sessions_of_user()`,
  `create trigger user_changed before update on users
    for each row when (
      old.role is distinct from new.role
      or old.is_active is distinct from new.is_active
      or old.password_changed_at is distinct from new.password_changed_at
    ) execute function raise_token_version()`,
  `create function revoke_user() returns trigger language plpgsql as $$
  begin
    insert into revocations (user_id, token_version) values (old.id, 2147483647);
    return null;
  end $$`,
  `create trigger user_deleted after delete on users for each row execute function revoke_user()`,
];

const signIn = [
  `create table sign_in_attempts (
    key text primary key,
    failures integer not null,
    resets_at timestamptz(3) not null
  )`,
  'create index sign_in_attempts_resets_at_index on sign_in_attempts (resets_at)',
  `create table known_networks (
    user_id uuid not null references users (id) on delete cascade,
    network text not null,
    last_used_at timestamptz(3) not null,
    primary key (user_id, network)
  )`,
  'create index known_networks_last_used_at_index on known_networks (last_used_at)',
];

/**
 * Lower case for search. The database's own locale may know only ASCII (`C`), so the first of these collations that the
 * server has decides: the one built into PostgreSQL 17 and later, ICU's, the system's.
 */
const foldCase = `do $$
  declare best text;
  begin
    select collname into best
      from unnest(array['pg_c_utf8', 'und-x-icu', 'C.utf8', 'default']) with ordinality as wish (name, place)
      join pg_collation on collname = name and collencoding in (-1, pg_char_to_encoding(getdatabaseencoding()))
      order by place limit 1;
    execute format('create function fold_case(text) returns text
      language sql immutable parallel safe return lower($1 collate %I)', best);
  end $$`;

const posts = [
  foldCase,
  `create table posts (
    id uuid primary key,
    author_id uuid not null references users (id) on delete cascade,
    title text not null,
    body text not null,
    status text not null check (status in ('DRAFT', 'PUBLISHED')),
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    search tsvector not null generated always as (to_tsvector('simple', fold_case(title || ' ' || body))) stored
  )`,
  'create index posts_search_index on posts using gin (search)',
  ...['created_at', 'updated_at', 'title'].flatMap((column) => [
    `create index posts_status_${column}_index on posts (status, ${column}, id)`,
    `create index posts_author_id_${column}_index on posts (author_id, status, ${column}, id)`,
  ]),
];
