import { Migration } from '@mikro-orm/migrations';

/** Finds the notices by the address that they went to: while its link is good, the address is kept for their account. */
export class Migration20261126000200KeptAddresses extends Migration {
  override up(): void {
    this.addSql(`create index one_time_tokens_disavowal_email_index on one_time_tokens (lower(data->>'email'))
      where purpose = 'DISAVOWAL'`);
  }
}
