import { Migration } from '@mikro-orm/migrations';

/** What is to be done after the transaction that it was written in: mails above all. */
export class Migration20261126000000Outbox extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  // payload: encrypted, for mails carry codes and links. No foreign key: a farewell outlives the account.
  `create table outbox (
    id uuid primary key,
    kind text not null,
    user_id uuid,
    payload bytea not null,
    created_at timestamptz(3) not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz(3) not null,
    failed_at timestamptz(3),
    last_error text
  )`,
  // What has been given up waits for a person, and in nobody's way.
  'create index outbox_next_attempt_at_index on outbox (next_attempt_at, id) where failed_at is null',
  'create index outbox_failed_at_index on outbox (failed_at, id) where failed_at is not null',
  'create index outbox_user_id_index on outbox (user_id)',
];
