import { Migration } from '@mikro-orm/migrations';

/** Verified addresses, second factors, passkeys, remembered devices, and how each session began. */
export class Migration20261126000100Accounts extends Migration {
  override up(): void {
    for (const statement of [...users, ...sessions, ...oneTimeTokens, ...factors, ...devices]) this.addSql(statement);
  }
}

const users = ['alter table users add column email_verified_at timestamptz(3)'];

const sessions = [
  // Authentication Method Reference Values (RFC 8176), and when the user last proved who they are.
  `alter table sessions
    add column amr text[] not null default '{pwd}',
    add column authenticated_at timestamptz(3) not null default clock_timestamp()`,
  'update sessions set authenticated_at = created_at',
];

const oneTimeTokens = [
  // Who signs in with a passkey is known only once they have.
  'alter table one_time_tokens alter column user_id drop not null',
  // A token that takes a code beside it: what is left of its tries, the code that was mailed under a keyed hash, and when.
  `alter table one_time_tokens
    add column attempts_left integer,
    add column code_hash bytea,
    add column code_sent_at timestamptz(3)`,
  // A notice's “this was not me” must outlive whatever the thief changes next.
  `create or replace function end_one_time_tokens_of_user() returns trigger language plpgsql as $$
  begin
    delete from one_time_tokens where user_id = new.id and purpose <> 'DISAVOWAL';
    return null;
  end $$`,
];

const factors = [
  // secret: of TOTP, encrypted; last_step: the newest time step that a code was taken for (RFC 6238, section 5.2).
  `create table second_factors (
    user_id uuid not null references users (id) on delete cascade,
    method text not null check (method in ('EMAIL', 'TOTP')),
    secret bytea,
    last_step bigint,
    confirmed_at timestamptz(3) not null,
    last_used_at timestamptz(3),
    primary key (user_id, method)
  )`,
  `create table recovery_codes (
    user_id uuid not null references users (id) on delete cascade,
    hash bytea not null,
    primary key (user_id, hash)
  )`,
  `create table passkeys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    credential_id bytea not null unique,
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null,
    backed_up boolean not null,
    name text not null,
    created_at timestamptz(3) not null,
    last_used_at timestamptz(3)
  )`,
  'create index passkeys_user_id_index on passkeys (user_id, created_at, id)',
];

const devices = [
  // token_hash: under a key; whoever shows the token within its time needs no second factor.
  `create table remembered_devices (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    token_hash bytea not null unique,
    created_at timestamptz(3) not null,
    last_used_at timestamptz(3) not null,
    expires_at timestamptz(3) not null,
    ip_address text,
    user_agent text
  )`,
  'create index remembered_devices_user_id_index on remembered_devices (user_id, created_at, id)',
  'create index remembered_devices_expires_at_index on remembered_devices (expires_at)',
  // What an account was signed in to with: a hash of the user agent without its version.
  `create table known_agents (
    user_id uuid not null references users (id) on delete cascade,
    agent bytea not null,
    last_used_at timestamptz(3) not null,
    primary key (user_id, agent)
  )`,
  'create index known_agents_last_used_at_index on known_agents (last_used_at)',
];
