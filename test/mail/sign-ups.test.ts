import { createTestApp, type TestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { median } from '../support/measure.js';
import { deliver, minute, rows, second } from './support.js';

const signUps = 60;

describe.each(testDatabaseKinds)('sign-ups while the mail server is down, on %s', (kind) => {
  const servers: MailServer[] = [];
  const instances: TestApp[] = [];

  beforeAll(async () => {
    for (let index = 0; index < 2; index++) {
      const server = await startMailServer();
      servers.push(server);
      instances.push(await createTestApp(kind, { env: { SMTP_URL: server.url } }));
    }
    await servers[1]?.stop();
  });
  afterAll(async () => {
    for (const instance of instances) await instance.stop();
    for (const server of servers) await server.stop();
  });

  const names = (what: string) => Array.from({ length: signUps }, (_, index) => `${what}${index}`);

  /** Registers somebody from a network of their own while the outbox is worked on; in milliseconds. */
  async function timeOfSignUp(instance: TestApp, index: number, name: string): Promise<number> {
    const start = performance.now();
    const [time] = await Promise.all([
      instance
        .client(`10.0.0.${index}`)
        .register(name)
        .then(() => performance.now() - start),
      deliver(instance),
    ]);
    instance.clock.advance(second);
    return time;
  }

  test('are no slower, and every mail arrives once when it is back', async () => {
    const [up, down] = instances as [TestApp, TestApp];
    const times: [number[], number[]] = [[], []];
    for (const [index, name] of names('warmup').entries()) {
      await timeOfSignUp(up, index, name);
      await timeOfSignUp(down, index, name);
    }
    // In turns, so that whatever else the machine does is done to both.
    for (const [index, name] of names('user').entries()) {
      times[0].push(await timeOfSignUp(up, index, name));
      times[1].push(await timeOfSignUp(down, index, name));
    }
    const ratio = median(times[1]) / median(times[0]);
    process.stdout.write(
      `a sign-up takes ${ratio.toFixed(2)} times as long while the mail server is down, on ${kind}\n`,
    );
    expect(ratio).toBeLessThan(1.5);

    const [, server] = servers as [MailServer, MailServer];
    expect(server.mails).toEqual([]);
    expect(await rows(down)).toHaveLength(2 * signUps);
    await server.start();
    for (let passed = 0; passed < 2 * minute; passed += second) {
      down.clock.advance(second);
      await deliver(down);
    }
    const everybody = [...names('warmup'), ...names('user')].map((name) => `${name}@example.com`);
    expect(server.recipients).toEqual(everybody.toSorted());
    expect(await rows(down)).toEqual([]);
  });
});
