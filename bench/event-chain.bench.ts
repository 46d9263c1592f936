import { Client } from 'pg';
import { migrateCommand } from '../src/cli/migrate.js';
import { run } from '../test/cli/support.js';
import { type Cluster, startCluster } from '../test/support/cluster.js';
import { median } from '../test/support/measure.js';

/** How long each measurement takes, in milliseconds. */
const stretch = 3_000;
const rounds = 5;

const insert = "insert into security_events (id, type, created_at) values (gen_random_uuid(), 'logged_out', now())";

describe('the chain of security events, where each commit waits for the disk', () => {
  let cluster: Cluster;
  let admin: Client;

  beforeAll(async () => {
    cluster = await startCluster();
    admin = await connect();
    for (const setting of ['fsync', 'full_page_writes']) await admin.query(`alter system set ${setting} = on`);
    await admin.query('select pg_reload_conf()');
    expect(await run(migrateCommand, [], { DATABASE_URL: cluster.url() })).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await admin.end();
    await cluster.destroy();
  });

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: cluster.url() });
    await client.connect();
    return client;
  }

  /** Transactions a second, each with one event. */
  async function rate(connections: number): Promise<number> {
    const clients = await Promise.all(Array.from({ length: connections }, connect));
    const end = performance.now() + stretch;
    let committed = 0;
    const work = async (client: Client) => {
      for (; performance.now() < end; committed++) await client.query(insert);
    };
    await Promise.all(clients.map(work));
    await Promise.all(clients.map((client) => client.end()));
    return (committed / stretch) * 1000;
  }

  test.each([1, 8, 32])('lets %i connections commit events', async (connections) => {
    const rates: Record<'enable' | 'disable', number[]> = { enable: [], disable: [] };
    for (let round = 0; round < rounds; round++) {
      for (const chain of ['enable', 'disable'] as const) {
        await admin.query(`alter table security_events ${chain} trigger seal_security_event`);
        rates[chain].push(await rate(connections));
      }
    }
    const [sealed, unsealed] = [median(rates.enable), median(rates.disable)];
    process.stdout.write(
      `${connections} connections: ${sealed.toFixed(0)} transactions with an event a second, ${unsealed.toFixed(0)} without the chain; the medians of ${rounds} rounds\n`,
    );
    expect(sealed).toBeGreaterThan(0);
  });
});
