import { readFile } from 'node:fs/promises';
import { createSuperuser } from '../../src/cli/createsuperuser.js';
import { flushExpiredTokens } from '../../src/cli/flushexpiredtokens.js';
import { createKeysCommand } from '../../src/cli/keys.js';
import { migrateCommand } from '../../src/cli/migrate.js';
import { verifyEvents } from '../../src/cli/verify-events.js';
import { kidIn, managed } from '../auth/keys/support.js';
import { run } from '../cli/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import { databaseSettings, withPostgres } from '../support/databases.js';
import { record, verify } from './support.js';

/** The statements of docs/security-events.md: those of the superuser, and those of the owner. */
async function statementsOfDocs(): Promise<[superuser: string[], owner: string[]]> {
  const page = await readFile('docs/security-events.md', 'utf8');
  const blocks = Array.from(page.matchAll(/```sql\n(.*?)```/gs), ([, block = '']) =>
    block.split(';\n').filter((statement) => statement !== ''),
  );
  const [superuser, owner, ...others] = blocks;
  if (!superuser || !owner || others.length > 0) throw new Error('The page has other statements than it had.');
  return [superuser, owner];
}

describe('the two roles of docs/security-events.md', () => {
  let cluster: Cluster;
  let urls: { owner: string; server: string };
  let instance: TestApp;

  beforeAll(async () => {
    cluster = await startCluster();
    const [asSuperuser, asOwner] = await statementsOfDocs();
    await withPostgres(async (client) => {
      for (const statement of asSuperuser) await client.query(statement);
    }, cluster.url());
    urls = {
      owner: urlOf('postern_owner', 'a password of the owner'),
      server: urlOf('postern_server', 'a password of the server'),
    };
    expect(await run(migrateCommand, [], { DATABASE_URL: urls.owner })).toMatchObject({ code: 0, err: '' });
    await withPostgres(async (client) => {
      // Twice, for they are to be run after every migration.
      for (const statement of [...asOwner, ...asOwner]) await client.query(statement);
    }, urls.owner);
    instance = await createTestApp('postgres', {
      database: {
        kind: 'postgres',
        settings: databaseSettings({ url: urls.server }),
        overrides: {},
        url: urls.server,
        drop: () => Promise.resolve(),
      },
      env: { MIGRATE_ON_START: 'false' },
    });
  });
  afterAll(async () => {
    await instance?.stop();
    await cluster?.destroy();
  });

  const urlOf = (user: string, password: string): string => {
    const url = new URL(cluster.url('postern'));
    url.username = user;
    url.password = encodeURIComponent(password);
    return url.href;
  };

  test("a whole session works as the server's role, and its events are sealed", async () => {
    const client = instance.client();
    await client.register('alice');
    const pair = await client.signIn('alice');
    const refreshed = await client.refresh(pair.refreshToken);
    expect(refreshed.errors).toEqual([]);
    client.token = refreshed.data?.refreshToken.accessToken ?? null;
    await client.data('{ me { id email } sessions { id } mySecurityEvents { nodes { type } } }');
    await client.data('mutation { createPost(input: { title: "a title", body: "a text" }) { id } }');
    await client.data('mutation { logout { sessionsEnded } }');
    await client.signIn('alice');
    await client.data('mutation { logout(all: true) { sessionsEnded } }');
    await record(instance, { type: 'signing_key_generated' });
    expect((await verify(instance)).head.position).toBeGreaterThan(0);
  });

  test('so does what an admin does', async () => {
    const input = { username: 'root', email: 'root@example.com', password: 'correct horse of root' };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    const { id } = await instance.client().register('bob');
    const admin = instance.client();
    await admin.signIn('root');
    await admin.data('mutation ($id: ID!) { setUserRole(id: $id, role: ADMIN) { role } }', { id });
    await admin.data('mutation ($id: ID!) { setUserActive(id: $id, active: false) { active } }', { id });
    await admin.data('{ securityEvents(first: 5) { totalCount nodes { type user { email } } } }');
  });

  test.each([
    ['flushexpiredtokens', flushExpiredTokens],
    ['verify-events', verifyEvents],
  ])('so does %s', async (_name, command) => {
    expect(await run(command, [], { DATABASE_URL: urls.server })).toMatchObject({ code: 0, err: '' });
  });

  test('so do createsuperuser and a rotation of keys', async () => {
    const variables = { ...managed, DATABASE_URL: urls.server, MIGRATE_ON_START: 'false' };
    const superuser = ['--username', 'second', '--email', 'second@example.com', '--random-password'];
    expect(await run(createSuperuser, superuser, variables)).toMatchObject({ code: 0, err: '' });
    const keys = createKeysCommand(instance.clock);
    const kid = kidIn(await run(keys, ['generate'], variables));
    expect(await run(keys, ['activate', kid, '--now'], variables)).toMatchObject({ code: 0, err: '' });
  });

  test.each([
    "update security_events set type = 'x'",
    'update security_events set type = type where false',
    'delete from security_events',
    'truncate security_events',
    "set postern.purging = 'on'; delete from security_events",
    "set postern.purging = 'on'; truncate security_events",
    'insert into security_event_seals (position, event_id, hash) select 99, id, $$$$ from security_events limit 1',
    "update security_event_seals set hash = ''",
    'delete from security_event_seals',
    'truncate security_event_seals',
    'update security_event_chain set position = 0',
    'update security_event_chain set base_position = position',
    'delete from security_event_chain',
    'truncate security_event_chain',
    'insert into security_event_chain default values',
    'alter table security_events disable trigger all',
    'alter table security_events disable trigger seal_security_event',
    'drop trigger append_only on security_events',
    'drop trigger append_only_truncate on security_events',
    'set session_replication_role = replica',
    'drop table security_events cascade',
    'alter table security_events owner to postern_server',
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return old; end $$',
    'create rule quiet as on insert to security_events do instead nothing',
    'create table spoils (id integer)',
    'set role postern_owner',
    'delete from mikro_orm_migrations',
  ])("the server's role is refused: %s", async (statement) => {
    const { head } = await verify(instance);
    await withPostgres(
      (client) => expect(client.query(statement)).rejects.toMatchObject({ code: '42501' }),
      urls.server,
    );
    expect((await verify(instance)).head).toEqual(head);
  });

  test.each([
    'grant all on security_events to postern_server',
    'create temp table security_event_chain as select * from public.security_event_chain',
    "select purge_security_events('infinity', 1000000)",
    "set postern.purging = 'on'; select purge_security_events('infinity', 1000000)",
  ])('what it is not refused leaves the chain as it was: %s', async (statement) => {
    const { base, head } = await verify(instance);
    await withPostgres(async (client) => {
      await client.query(statement);
      await client.query(
        "insert into public.security_events (id, type, created_at) values (gen_random_uuid(), 'signed_in', now())",
      );
    }, urls.server);
    expect(await verify(instance)).toMatchObject({ base, head: { position: head.position + 1 } });
  });
});
