import type { Client } from 'pg';
import { withPostgres } from '../support/databases.js';

export interface Sizes {
  readonly users: number;
  readonly posts: number;
  /**
   * Sessions, refresh tokens, revocations, counted attempts, known networks and items of the outbox: so many of each, and
   * a tenth as many known programs, one-time tokens, remembered devices and passkeys. Every user that it makes has both
   * second factors and ten recovery codes.
   */
  readonly tokens: number;
  readonly events: number;
}

/** A word of every post, one of every fiftieth and one of every thousandth. */
export const commonWord = 'common';
export const frequentWord = 'frequent';
export const rareWord = 'quokka';

/** An id in the form of UUIDv7 that begins with the time, the rest of it told from the number. */
const idOf = (time: string, number: string): string =>
  `overlay(overlay(overlay(md5(${number}::text)
    placing lpad(to_hex((extract(epoch from ${time}) * 1000)::bigint), 12, '0') from 1 for 12)
    placing '7' from 13 for 1) placing '8' from 17 for 1)::uuid`;

/** As many words as in a language, few of them frequent. */
const sentences = `create temp table sentences as
  select n, string_agg('w' || floor(power(random(), 3) * 20000)::int, ' ') as text
  from generate_series(0, 4999) n, generate_series(1, 12) group by n`;

/** Some authors write much and most little. */
const authors = `create temp table authors as
  select row_number() over (order by created_at desc, id) - 1 as n, id from users`;

const users = (count: number) => `insert into users (id, username, email, password_hash, role, created_at)
  select ${idOf('at', 'i')}, 'user' || i, 'user' || i || '@example.com', 'none', 'USER', at
  from generate_series(1, ${count}) i, lateral (select now() - i * interval '1 minute' as at) t`;

const posts = (count: number) => `insert into posts (id, author_id, title, body, status, created_at, updated_at)
  select ${idOf('at', 'i')}, author.id, a.text || ' ' || i,
    b.text || ' ${commonWord} ' || c.text || case when i % 50 = 7 then ' ${frequentWord}' else '' end
      || case when i % 1000 = 7 then ' ${rareWord}' else '' end,
    case when i % 10 = 0 then 'DRAFT' else 'PUBLISHED' end, at, at + random() * interval '30 days'
  from (
    select i, date_trunc('milliseconds', now() - i * interval '1 minute') as at, random() as r,
      floor(power(random(), 2) * (select count(*) from authors)) as author
    from generate_series(1, ${count}) i offset 0
  ) t
  join authors author on author.n = t.author
  join sentences a on a.n = i % 4999
  join sentences b on b.n = (i * 7919::bigint) % 4993
  join sentences c on c.n = (i * 104729::bigint) % 4987`;

/** A tenth have ended, and one in thirteen has expired. */
const sessions = (
  count: number,
) => `insert into sessions (id, user_id, created_at, last_used_at, expires_at, ip_address, ended_at)
  select ${idOf('at', 'i')}, author.id, at, at, at + interval '1 day', '192.0.2.1',
    case when i % 10 = 0 then at end
  from (
    select i, date_trunc('milliseconds', now() - i * interval '26 hours' / ${count}) as at
    from generate_series(1, ${count}) i offset 0
  ) t
  join authors author on author.n = i % (select count(*) from authors)`;

const refreshTokens = `insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at, rotated_at)
  select ${idOf('created_at', "('token' || id)")}, id, user_id, created_at, expires_at,
    case when random() < 0.5 then created_at end
  from sessions`;

const revocations = (count: number) => `insert into revocations (session_id, revoked_at)
  select gen_random_uuid(), now() - i * interval '30 days' / ${count} from generate_series(1, ${count}) i`;

const attempts = (count: number) => `insert into sign_in_attempts (key, failures, resets_at)
  select md5(i::text), 1 + i % 9, now() + interval '1 hour' - i * interval '2 hours' / ${count}
  from generate_series(1, ${count}) i`;

const networks = (count: number) => `insert into known_networks (user_id, network, last_used_at)
  select author.id, '2001:db8:' || i || '::/64', now() - i * interval '410 days' / ${count}
  from generate_series(1, ${count}) i join authors author on author.n = i % (select count(*) from authors)`;

const agents = (count: number) => `insert into known_agents (user_id, agent, last_used_at)
  select author.id, sha256(i::text::bytea), now() - i * interval '410 days' / ${count}
  from generate_series(1, ${count}) i join authors author on author.n = i % (select count(*) from authors)`;

const oneTimeTokens = (count: number) => `insert into one_time_tokens
    (hash, user_id, purpose, data, created_at, expires_at)
  select sha256(i::text::bytea), author.id, 'PASSWORD_RESET', '{}', now(), now() + (i - ${count} / 100) * interval '1 s'
  from generate_series(1, ${count}) i join authors author on author.n = i % (select count(*) from authors)`;

/** Not of those whom the operations sign in by password alone. */
const secondFactors = `insert into second_factors (user_id, method, secret, last_step, confirmed_at)
  select id, method, case method when 'TOTP' then '\\x00'::bytea end, case method when 'TOTP' then 0 end, now()
  from users, (values ('EMAIL'), ('TOTP')) methods (method) where username like 'user%'`;

const recoveryCodes = `insert into recovery_codes (user_id, hash)
  select id, sha256((id::text || i)::bytea) from authors, generate_series(1, 10) i`;

const devices = (count: number) => `insert into remembered_devices
    (id, user_id, token_hash, created_at, last_used_at, expires_at)
  select ${idOf('at', "('device' || i)")}, author.id, sha256(i::text::bytea), at, at, at + interval '30 days'
  from (select i, now() - i * interval '31 days' / ${count} as at from generate_series(1, ${count}) i offset 0) t
  join authors author on author.n = i % (select count(*) from authors)`;

const passkeys = (count: number) => `insert into passkeys
    (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
  select ${idOf('now()', "('passkey' || i)")}, author.id, sha256(i::text::bytea), '', 0, '{}', false, 'phone', now()
  from generate_series(1, ${count}) i join authors author on author.n = i % (select count(*) from authors)`;

/** One in ten of the sessions that ended did so by a token that was used again; a part is older than it is kept. */
const events = (count: number) => `insert into security_events
    (id, type, user_id, actor_id, session_id, ip_address, user_agent, detail, created_at)
  select ${idOf('at', "('event' || i)")}, case when i % 1000 = 0 then 'token_reused' when i % 3 = 0 then 'sign_in_failed' else 'signed_in' end,
    author.id, author.id, null, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64)', null, at
  from (
    select i, date_trunc('milliseconds', now() - i * interval '366 days' / ${count}) as at
    from generate_series(1, ${count}) i offset 0
  ) t
  join authors author on author.n = i % (select count(*) from authors)`;

/** One in two waits for a server that is away, the others have been given up; a part of them is older than it is kept. */
const outbox = (count: number) => `insert into outbox
    (id, kind, user_id, payload, created_at, attempts, next_attempt_at, failed_at, last_error)
  select ${idOf('at', "('item' || i)")}, 'MAIL', null, '', at, 1, now() + i * interval '1 hour' / ${count},
    case when i % 2 = 0 then at end, 'ESOCKET'
  from (select i, now() - i * interval '31 days' / ${count} as at from generate_series(1, ${count}) i offset 0) t`;

const seals = `insert into security_event_seals (position, event_id, hash)
  select row_number() over (order by created_at, id), id, sha256(id::text::bytea) from security_events`;

const chain = `update security_event_chain set (position, hash) =
  (select position, hash from security_event_seals order by position desc limit 1)`;

/** Fills the tables to the sizes, in SQL, and lets PostgreSQL count; users who exist already write the most. */
export async function fill(url: string, sizes: Sizes): Promise<void> {
  await withPostgres(async (client) => {
    await client.query(`set auto_explain.log_min_duration = -1; set session_replication_role = replica;
      set work_mem = '256MB'; set maintenance_work_mem = '512MB'; select setseed(0.5)`);
    const indexes = await dropIndexes(client);
    for (const statement of statementsOf(sizes)) await client.query(statement);
    for (const index of indexes) await client.query(index);
    await client.query('vacuum analyze');
  }, url);
}

function statementsOf({ users: userCount, posts: postCount, tokens, events: eventCount }: Sizes): string[] {
  return [
    sentences,
    users(userCount),
    authors,
    'analyze authors',
    posts(postCount),
    sessions(tokens),
    refreshTokens,
    revocations(tokens),
    attempts(tokens),
    networks(tokens),
    agents(tokens / 10),
    oneTimeTokens(tokens / 10),
    secondFactors,
    recoveryCodes,
    devices(tokens / 10),
    passkeys(tokens / 10),
    outbox(tokens),
    'truncate security_event_seals',
    events(eventCount),
    seals,
    chain,
  ];
}

/** Filling a table and then indexing it takes a fraction of the time; returns the statements that make the indexes again. */
async function dropIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ indexname: string; indexdef: string }>(`
    select indexname, indexdef from pg_indexes where schemaname = 'public'
    and not exists (select from pg_constraint where conname = indexname)`);
  for (const { indexname } of rows) await client.query(`drop index ${indexname}`);
  return rows.map(({ indexdef }) => indexdef);
}
