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
  for (const table of await filledTables(query)) {
    const [found] = await query(`select json_agg(t)::text as rows from ${table} t`);
    if (typeof found?.['rows'] === 'string') rows.set(table, found['rows']);
  }
  return { shape: await shapeOf(query), rows };
}

/** Empties what has been filled; resolves with false, having done nothing, where more than rows has changed. */
export async function restore(query: Query, { shape, rows }: Snapshot): Promise<boolean> {
  if ((await shapeOf(query)) !== shape) return false;
  const tables = [...new Set([...(await filledTables(query)), ...rows.keys()])];
  // Triggers would refuse to have events taken away, and announce it.
  await query('set session_replication_role = replica');
  if (tables.length > 0) await query(`truncate ${tables.join(', ')} restart identity cascade`);
  for (const [table, json] of rows) {
    await query(`insert into ${table} select * from json_populate_recordset(null::${table}, ${quoted(json)})`);
  }
  await query('reset session_replication_role');
  return true;
}

/** Those that have pages: a table that has had rows and lost them is among them. */
async function filledTables(query: Query): Promise<string[]> {
  const found = await query(`select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0 order by 1`);
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
