import { Migration } from '@mikro-orm/migrations';

/** Key pairs that sign tokens, one at a time; every change of them is announced to all instances. */
export class Migration20261124000200SigningKeys extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  // private_key: sealed by KEY_ENCRYPTION_KEY; null where it lies in a file. From retires_at on a key is good for nothing.
  `create table signing_keys (
    kid text primary key,
    algorithm text not null,
    public_jwk jsonb not null,
    private_key bytea,
    created_at timestamptz(3) not null,
    activated_at timestamptz(3),
    retires_at timestamptz(3)
  )`,
  `create function announce_signing_keys() returns trigger language plpgsql as $$
  begin
    perform pg_notify('postern_signing_keys', '');
    return null;
  end $$`,
  `create trigger signing_keys_changed after insert or update or delete on signing_keys
    for each statement execute function announce_signing_keys()`,
];
