import { Client } from 'pg';
import { withPostgres } from '../support/databases.js';
import { type ExecutedStatement, parseExplained } from './plan.js';

/** What auto_explain is to do in every session of the database: tell the client each plan, with the rows that went through. */
const settings = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
};

export interface PlanRecorder {
  /** The statements that ran since the last call, those of triggers and foreign keys included, with their real plans. */
  take(): ExecutedStatement[];
  stop(): void;
}

/**
 * Records the plan of every statement on the database, sessions that are open already aside. The plans are those that
 * PostgreSQL executed, so nothing is explained again under other circumstances.
 */
export async function recordPlans(url: string): Promise<PlanRecorder> {
  const name = new URL(url).pathname.slice(1);
  await withPostgres(async (client) => {
    for (const [key, value] of Object.entries(settings)) {
      await client.query(`alter database ${name} set ${key} = '${value}'`);
    }
  });
  const statements: ExecutedStatement[] = [];
  const stop = onNotice((message) => {
    const statement = parseExplained(message);
    if (statement) statements.push(statement);
  });
  return { take: () => statements.splice(0), stop };
}

/** The pool's connections are nobody's to reach, so the class that they are of is watched. */
function onNotice(callback: (message: string) => void): () => void {
  const emit = Client.prototype.emit;
  Client.prototype.emit = function (this: Client, event: string | symbol, ...values: unknown[]) {
    const [notice] = values;
    if (event === 'notice' && isNotice(notice)) callback(notice.message);
    return Reflect.apply(emit, this, [event, ...values]);
  };
  return () => {
    Client.prototype.emit = emit;
  };
}

function isNotice(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
