/** Runs one statement beside the program under test, and resolves with its rows. */
export type Query = (statement: string) => Promise<Record<string, unknown>[]>;

/** A database as its migrations have left it. */
export interface Snapshot {
  /** A digest of tables, columns, indexes, triggers, functions, constraints, grants and settings. */
  readonly shape: string;
  /** The rows of each table that has any, as one JSON array. */
  readonly rows: ReadonlyMap<string, string>;
}

export async function takeSnapshot(query: Query): Promise<Snapshot> {
  const rows = new Map<string, string>();
  for (const { name } of await filledTables(query)) {
    const [found] = await query(`select json_agg(t)::text as rows from ${name} t`);
    if (typeof found?.['rows'] === 'string') rows.set(name, found['rows']);
  }
  return { shape: await shapeOf(query), rows };
}

/** Empties what has been filled; resolves with false, having done nothing, where more than rows has changed. */
export async function restore(query: Query, { shape, rows }: Snapshot): Promise<boolean> {
  if ((await shapeOf(query)) !== shape) return false;
  // Triggers would refuse to have events taken away, and announce it.
  await query('set session_replication_role = replica');
  for (const { name, large } of await filledTables(query)) {
    // Files are made anew for a truncated table and its indexes: of a few rows, deleting is many times faster.
    await query(large ? `truncate ${name} cascade` : `delete from ${name}`);
  }
  for (const [table, json] of rows) {
    await query(`insert into ${table} select * from json_populate_recordset(null::${table}, ${quoted(json)})`);
  }
  for (const sequence of await usedSequences(query)) await query(`alter sequence ${sequence} restart`);
  await query('reset session_replication_role');
  return true;
}

/** Those that have pages: a table that has had rows and lost them is among them. */
async function filledTables(query: Query): Promise<{ name: string; large: boolean }[]> {
  const found = await query(`select oid::regclass::text as name, pg_relation_size(oid) > 1000000 as large from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0`);
  return found.map(({ name, large }) => ({ name: String(name), large: large === true }));
}

async function usedSequences(query: Query): Promise<string[]> {
  const found = await query(`select sequencename as name from pg_sequences
    where schemaname = 'public' and last_value is not null`);
  return found.map(({ name }) => String(name));
}

async function shapeOf(query: Query): Promise<string> {
  const [found] = await query(`
    with own as (select * from pg_class where relnamespace = 'public'::regnamespace), parts(part) as (
      select row(relname, relkind, relowner, relacl, reloptions)::text from own
      union all select row(attrelid, attname, attnum, atttypid, attnotnull, attacl)::text
        from pg_attribute where attrelid in (select oid from own)
      union all select row(tgrelid, tgname, tgenabled)::text from pg_trigger where tgrelid in (select oid from own)
      union all select row(conrelid, conname, convalidated)::text from pg_constraint where conrelid in (select oid from own)
      union all select row(proname, md5(prosrc), proacl)::text from pg_proc where pronamespace = 'public'::regnamespace
      union all select row(nspname, nspacl)::text from pg_namespace where nspname !~ '^pg_(temp|toast)'
      union all select row(setrole, setconfig)::text from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())
      union all select row(name, setting)::text from pg_settings where source = 'session')
    select md5(string_agg(part, ';' order by part)) as shape from parts`);
  return String(found?.['shape']);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
