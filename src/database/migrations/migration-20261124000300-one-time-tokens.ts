import { Migration } from '@mikro-orm/migrations';

/** What is good for one use: challenges of a sign-in, links in mails. They die with what they were made for. */
export class Migration20261124000300OneTimeTokens extends Migration {
  override up(): void {
    for (const statement of [...tokens, ...triggers]) this.addSql(statement);
  }
}

const tokens = [
  `create table one_time_tokens (
    hash bytea primary key,
    user_id uuid not null references users (id) on delete cascade,
    purpose text not null,
    data jsonb not null,
    created_at timestamptz(3) not null,
    expires_at timestamptz(3) not null
  )`,
  'create index one_time_tokens_user_id_index on one_time_tokens (user_id, purpose)',
  'create index one_time_tokens_expires_at_index on one_time_tokens (expires_at)',
];

/** The revocation matrix (docs/revocation.md) where a user's row changes, by whatever hand. */
const triggers = [
  `create or replace function end_sessions_of_user() returns trigger language plpgsql as $$
  begin
    update sessions set ended_at = clock_timestamp(),
      end_reason = case when new.is_active then 'PASSWORD_CHANGED' else 'DEACTIVATED' end
    where user_id = new.id and ended_at is null and id::text is distinct from current_setting('postern.own_session', true);
    return null;
  end $$`,
  'drop trigger user_changed on users',
  `create trigger user_changed before update on users
    for each row when (
      old.role is distinct from new.role
      or old.is_active is distinct from new.is_active
      or old.password_changed_at is distinct from new.password_changed_at
      or old.email is distinct from new.email
    ) execute function raise_token_version()`,
  `create function end_one_time_tokens_of_user() returns trigger language plpgsql as $$
  begin
    delete from one_time_tokens where user_id = new.id;
    return null;
  end $$`,
  `create trigger user_changed_one_time_tokens after update on users
    for each row when (
      (old.is_active and not new.is_active)
      or old.password_changed_at is distinct from new.password_changed_at
      or old.email is distinct from new.email
    ) execute function end_one_time_tokens_of_user()`,
];
