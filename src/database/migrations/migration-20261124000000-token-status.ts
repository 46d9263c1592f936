import { Migration } from '@mikro-orm/migrations';

/**
 * What administrators see of refresh tokens and users, with an index for every page. A token that ended says so in its own
 * row, be it by its rotation, by its blacklisting or by the end of its session: no page needs a join to know.
 */
export class Migration20261124000000TokenStatus extends Migration {
  override up(): void {
    for (const statement of [...tokens, ...users]) this.addSql(statement);
  }
}

const tokens = [
  'alter table refresh_tokens add column user_id uuid',
  'update refresh_tokens t set user_id = s.user_id from sessions s where s.id = t.session_id',
  // No foreign key: the session's takes the token along, and has the same user.
  'alter table refresh_tokens alter column user_id set not null',
  `update refresh_tokens t set blacklisted_at = s.ended_at from sessions s
    where s.id = t.session_id and s.ended_at is not null and t.blacklisted_at is null`,
  // Whether it has expired besides depends on the time, and is no part of the row.
  `alter table refresh_tokens add column state text not null generated always as (case
    when blacklisted_at is not null then 'BLACKLISTED'
    when rotated_at is not null then 'ROTATED'
    else 'ACTIVE' end) stored`,
  // Every token of a state lies together, or a page of one state would have to read past all others: by an index on the time
  // alone the planner does so wherever it takes the states to be mixed evenly.
  'drop index refresh_tokens_expires_at_index',
  'create index refresh_tokens_state_index on refresh_tokens (state, expires_at, jti)',
  'create index refresh_tokens_user_id_index on refresh_tokens (user_id, state, expires_at, jti)',
  `create function blacklist_tokens_of_session() returns trigger language plpgsql as $$
  begin
    update refresh_tokens set blacklisted_at = new.ended_at where session_id = new.id and blacklisted_at is null;
    return null;
  end $$`,
  `create trigger session_ended_blacklists after update on sessions
    for each row when (old.ended_at is null and new.ended_at is not null) execute function blacklist_tokens_of_session()`,
];

const users = [
  'create index users_role_index on users (role, is_active, created_at, id)',
  // The words of a name and an address, which are its runs of letters and digits: the parser of texts would cut `1e5abc`.
  `create function user_words(username text, email text) returns tsvector language sql immutable parallel safe
    return array_to_tsvector(
      array_remove(regexp_split_to_array(lower(username || ' ' || email), '[^a-z0-9]+'), ''))`,
  'create index users_words_index on users using gin (user_words(username, email))',
];
