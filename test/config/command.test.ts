import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { configCommand } from '../../src/cli/config.js';
import { describeSettings, loadConfig, settingsTable } from '../../src/config.js';

describe('the config command', () => {
  test('prints each setting with where it comes from', () => {
    const { output, errors, exitCode } = configCommand([], { PORT: '5000', CORS_ORIGINS: 'https://example.com' });
    const lines = output.split('\n');
    expect(lines).toContain('PORT=5000  # environment');
    expect(lines).toContain('HOST=127.0.0.1  # default');
    expect(lines).toContain('DATABASE_URL=  # default: none: the embedded PostgreSQL in `DATA_DIR`');
    expect(output).toMatch(/^CORS_ORIGINS=https:\/\/example.com,https:\/\/studio.*# environment$/m);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  });

  test('prints faults as errors and nothing else', () => {
    expect(configCommand([], { PORT: 'x' })).toEqual({
      output: '',
      errors: 'PORT must be a whole number from 0 to 65535\n',
      exitCode: 1,
    });
  });

  test.each([[['--example']], [['--env-example', 'x']]])('refuses the arguments %j', (args) => {
    expect(configCommand(args, {})).toMatchObject({ output: '', errors: expect.stringMatching(/^Usage/), exitCode: 1 });
  });

  test('names the variable of a file, and hides what the file holds', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'postern-config-'));
    const path = join(directory, 'key');
    await writeFile(path, 's3kr1t'.repeat(6));
    const { output } = configCommand([], { JWT_SIGNING_KEY_FILE: path });
    await rm(directory, { recursive: true });
    expect(output).toContain('JWT_SIGNING_KEY=***  # environment: JWT_SIGNING_KEY_FILE\n');
    expect(output).not.toContain('s3kr1t');
  });
});

describe('secrets are masked', () => {
  test.each([
    ['postgres://alice:word@db:5432/postern', 'postgres://alice:***@db:5432/postern'],
    ['postgres://alice@db/postern', 'postgres://***@db/postern'],
    ['postgres://db/postern?user=alice&password=word', 'postgres://db/postern?***'],
    ['postgres://word:word@db/postern', 'postgres://***:***@db/postern'],
    ['postgresql:///postern', 'postgresql:///postern'],
  ])('DATABASE_URL=%s is printed as %s', (url, shown) => {
    expect(describeSettings({ DATABASE_URL: url })).toContain(`DATABASE_URL=${shown}  # environment\n`);
  });

  const word = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed());

  test('no password of an accepted URL is ever printed', () => {
    const urls = fc.constantFrom('DATABASE_URL', 'SMTP_URL');
    fc.assert(
      fc.property(urls, word, fc.boolean(), (name, noise, encoded) => {
        const password = `s3kr1t${noise}s3kr1t`;
        const scheme = name === 'SMTP_URL' ? 'smtp' : 'postgres';
        const url = `${scheme}://alice:${encoded ? encodeURIComponent(password) : password}@host/path`;
        const { output, errors } = configCommand([], { [name]: url });
        expect(output + errors).not.toContain('s3kr1t');
        if (encoded) expect(output).toContain(`${name}=${scheme}://alice:***@host/path`);
      }),
    );
  });

  test('no refused URL is ever printed either', () => {
    fc.assert(
      fc.property(word, word, (before, after) => {
        const output = describeSettings({ DATABASE_URL: `${before}:s3kr1t${after}@host/path` });
        expect(output).not.toContain('s3kr1t');
      }),
    );
  });

  test('no key is ever printed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 32 }), (noise) => {
        const key = `s3kr1t${noise}`;
        const { output, errors } = configCommand([], { JWT_SIGNING_KEY: key, JWT_VERIFYING_KEY: key });
        expect(output + errors).not.toContain('s3kr1t');
        expect(output).toContain('JWT_SIGNING_KEY=***  # environment');
      }),
    );
  });
});

describe('the docs of the settings', () => {
  test('.env.example is what the definition says: npm run --silent config -- --env-example > .env.example', async () => {
    const committed = await readFile(new URL('../../.env.example', import.meta.url), 'utf8');
    expect(configCommand(['--env-example'], {}).output).toBe(committed);
  });

  test('.env.example with every line uncommented that has a value gives the defaults', async () => {
    const { output } = configCommand(['--env-example'], {});
    const variables = [...output.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name = '', value]) => [name, value]);
    expect(variables.map(([name]) => name)).toEqual(settingsTable().map(({ name }) => name));
    expect(loadConfig(Object.fromEntries(variables))).toEqual(loadConfig({}));
  });

  test('the table lists each variable once, with a sentence, a default and a section', () => {
    const rows = settingsTable();
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const row of rows) {
      expect(row.description).toMatch(/^[A-Z].*\.$/s);
      expect(row.default).not.toBe('');
      expect(row.section).not.toBe('');
    }
  });

  test.each([
    ['HOST', '127.0.0.1, in production 0.0.0.0'],
    ['CORS_ORIGINS', 'none'],
    ['JWT_SIGNING_KEY_FILE', 'none'],
    ['SIGN_IN_LIMIT_ACCOUNT', '100/1h'],
  ])('the default of %s reads %s', (name, text) => {
    expect(settingsTable().find((row) => row.name === name)?.default).toBe(text);
  });
});
