import { access } from 'node:fs/promises';
import { readProjectFile } from './readme.js';

const dockerfile = await readProjectFile('Dockerfile');
const compose = await readProjectFile('docker-compose.yml');

/** What is copied into the image from the project, without what one stage copies from another. */
const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths?.split(' ') ?? []);

describe('the Dockerfile', () => {
  test('copies what exists, and what .dockerignore lets through', async () => {
    const ignore = (await readProjectFile('.dockerignore')).split('\n');
    expect(ignore).toContain('*');
    expect(sources).toContain('src');
    for (const source of sources) {
      await access(new URL(`../../${source}`, import.meta.url));
      expect(ignore).toContain(`!${source}`);
    }
  });

  test('has in its build stage everything that the build reads', async () => {
    const { include, extends: base }: { include: string[]; extends: string } = JSON.parse(
      await readProjectFile('tsconfig.build.json'),
    );
    for (const path of ['tsconfig.build.json', base.replace('./', ''), ...include]) expect(sources).toContain(path);
  });

  test('ends as a user without rights and without packages of development', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toContain('\nUSER node\n');
    expect(last).toContain('/app/node_modules ./node_modules');
    expect(dockerfile).toContain('npm ci --omit=dev --omit=optional');
  });
});

describe('docker-compose.yml', () => {
  test('has no default for any secret', () => {
    const secrets = [...compose.matchAll(/\$\{(\w*(?:PASSWORD|KEY|SECRET)\w*)(:?[-?]?)/g)];
    expect(secrets.length).toBeGreaterThan(2);
    for (const [, name, operator] of secrets) expect([name, operator]).toEqual([name, ':?']);
  });

  test('checks the health of every service', () => {
    const services = compose.slice(compose.indexOf('\nservices:'), compose.indexOf('\nvolumes:'));
    const names = services.match(/^ {2}\w+:$/gm) ?? [];
    expect(names).toHaveLength(3);
    expect(services.match(/^ {4}healthcheck:$/gm)).toHaveLength(names.length);
  });

  test('publishes ports on this machine alone', () => {
    const ports = compose.match(/^ {6}- .*:\d+$/gm) ?? [];
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toContain('- 127.0.0.1:');
  });
});
