import { Migration } from '@mikro-orm/migrations';

/** What a sign-in has seen of an account's second factors must still hold when it opens its session. */
export class Migration20261126000200FactorVersion extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  // Raised in the transaction that changes a factor: a sign-in is guarded by it as it is by the password's hash.
  'alter table users add column factor_version integer not null default 0',
  // Whoever learnt the old password, or was locked out, may sit at a device that was remembered.
  `create or replace function end_sessions_of_user() returns trigger language plpgsql as $$
  begin
    update sessions set ended_at = clock_timestamp(),
      end_reason = case when new.is_active then 'PASSWORD_CHANGED' else 'DEACTIVATED' end
    where user_id = new.id and ended_at is null and id::text is distinct from current_setting('postern.own_session', true);
    delete from remembered_devices where user_id = new.id;
    return null;
  end $$`,
];
