import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { withPostgres } from '../support/databases.js';
import type { Sizes } from './fill.js';
import type { Operation } from './operations.js';
import { type ExecutedStatement, shapeOf } from './plan.js';

interface Line {
  readonly operation: string;
  readonly statement: string;
  readonly shape: string;
  readonly because: string | undefined;
  rows: number;
  milliseconds: number;
}

/** Collects what ran, one line for each operation, statement and plan: both directions and all viewers in one. */
export class PlanReport {
  readonly #sizes: Sizes;
  readonly #lines = new Map<string, Line>();

  constructor(sizes: Sizes) {
    this.#sizes = sizes;
  }

  add({ name, because }: Operation, statements: readonly ExecutedStatement[]): void {
    const operation = name.replace(/, for .*/, '');
    for (const { text, plan, milliseconds } of statements) {
      const [statement, shape] = [shorten(text), shapeOf(plan)];
      const key = JSON.stringify([operation, statement, shape]);
      const line = this.#lines.get(key) ?? { operation, statement, shape, because, rows: 0, milliseconds: 0 };
      line.rows = Math.max(line.rows, plan['Actual Rows']);
      line.milliseconds = Math.max(line.milliseconds, milliseconds);
      this.#lines.set(key, line);
    }
  }

  /** Writes the report as Markdown; nothing without a path. */
  async write(path: string | undefined): Promise<void> {
    if (!path) return;
    const lines = [...Map.groupBy(this.#lines.values(), ({ operation }) => operation).values()].flat();
    const table = lines.map((line, index) => row(line, lines[index - 1]?.operation !== line.operation));
    const slowest = lines.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 10);
    const text = [
      ...(await this.#introduction()),
      '',
      '## The slowest ten',
      '',
      ...head,
      ...slowest.map((line) => row(line, true)),
      '',
      '## What may read more than a page, and why',
      '',
      ...reasons(lines),
      '',
      '## Every statement of every operation',
      '',
      ...head,
      ...table,
    ];
    await writeFile(path, `${text.join('\n')}\n`);
  }

  async #introduction(): Promise<string[]> {
    const { rows } = await withPostgres((client) => client.query<{ server_version: string }>('show server_version'));
    const { posts, tokens, users, events } = this.#sizes;
    const count = (value: number) => value.toLocaleString('en');
    return [
      '# The plan of every statement',
      '',
      `Measured by \`npm run plans\`, which also writes this page, on ${count(posts)} posts, ${count(users)} users and ${count(tokens)}`,
      'each of sessions, refresh tokens, revocations, counted sign-in attempts, known networks and items of the outbox, a tenth as many',
      `known programs, one-time tokens, remembered devices and passkeys, and ${count(events)} security events; every user has two second`,
      'factors and ten recovery codes. Every operation of the API runs',
      'through GraphQL, lists in every order and direction, under every filter and for every kind of viewer; the plans are',
      'those that PostgreSQL executed, by its own auto_explain, triggers and foreign keys included. The tests do the same on',
      'tables of 20,000 rows and fail where a statement scans a whole table, or reads or sorts more than a page without a reason.',
      '',
      `PostgreSQL ${rows[0]?.server_version ?? ''} with 32 MB of shared buffers and fsync off, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? ''}), everything on one machine.`,
      'Times are the worst of all runs, in milliseconds, with the cost of being watched; rows are those of the answer.',
    ];
  }
}

/** Each reason once, with the operations that have it. */
function reasons(lines: readonly Line[]): string[] {
  const excused = lines.filter(({ because }) => because !== undefined);
  return [...Map.groupBy(excused, ({ because }) => because)].map(([because, group]) => {
    const operations = new Set(group.map(({ operation }) => operation));
    return `- ${because}: ${[...operations].join('; ')}`;
  });
}

const head = ['| operation | statement | plan | rows | ms |', '| --- | --- | --- | ---: | ---: |'];

function row({ operation, statement, shape, rows, milliseconds }: Line, named: boolean): string {
  return `| ${named ? operation : ''} | ${statement} | ${shape} | ${rows} | ${milliseconds.toFixed(2)} |`;
}

/** The statement's gist: without column lists, directions and whatever comes after the first hundred characters. */
function shorten(text: string): string {
  const gist = text
    .replaceAll(/ as "\w+"/g, '')
    .replaceAll(/select (?:(?!select|from ).)* from /gi, 'select … from ')
    .replaceAll(/ (asc|desc)\b/g, '')
    .replaceAll(/\$\d+/g, '?')
    .replaceAll(/ [<>]=? \(\?/g, ' ≷ (?')
    .replaceAll('|', '\\|');
  return gist.length > 100 ? `${gist.slice(0, 100)}…` : gist;
}
