import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestApp, type TestApp } from '../support/app.js';
import { tokenIn } from '../support/mails.js';
import { deliver, post, rows, second } from './support.js';

describe('without SMTP_URL', () => {
  let instance: TestApp;
  let directory: string;

  beforeEach(async () => {
    instance = await createTestApp('pglite');
    directory = join(instance.config.database.dataDir, 'outbox');
  });
  afterEach(() => instance.stop());

  test('each mail becomes a file that only the server may read', async () => {
    await post(instance, 'alice@example.com', 'bob@example.com');
    const [mail, ...others] = await instance.mailsTo('alice@example.com');
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ to: 'alice@example.com', subject: 'A new password for Postern' });
    expect(mail && tokenIn(mail)).toBe('a-secret-token');
    expect(mail?.headers).toMatchObject({ 'auto-submitted': 'auto-generated', from: 'Postern <postern@localhost>' });
    const names = await readdir(directory);
    expect(names).toHaveLength(2);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of names) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    expect(await rows(instance)).toEqual([]);
  });

  test('a file takes the place of what a try before it left', async () => {
    await post(instance, 'alice@example.com');
    await instance.app.database.fork().execute('create table kept as select * from outbox');
    await deliver(instance);
    const before = await readdir(directory);
    await instance.app.database.fork().execute('insert into outbox select * from kept');
    await deliver(instance);
    expect(await readdir(directory)).toEqual(before);
  });

  test('a directory that cannot be written holds mails up, and loses none', async () => {
    await mkdir(instance.config.database.dataDir, { recursive: true });
    await writeFile(directory, 'not a directory');
    await post(instance, 'alice@example.com');
    await deliver(instance);
    expect(await rows(instance)).toEqual([{ attempts: 1, failed_at: null, last_error: 'EEXIST' }]);
    await rm(directory);
    instance.clock.advance(second);
    expect(await instance.mailsTo('alice@example.com')).toHaveLength(1);
  });
});
