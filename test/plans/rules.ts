import type { Operation } from './operations.js';
import { type ExecutedStatement, nodesOf, type PlanNode, rowsIn, rowsRead, shapeOf } from './plan.js';

/** The tables that grow. */
const bigTables: ReadonlySet<string> = new Set([
  'users',
  'sessions',
  'refresh_tokens',
  'revocations',
  'sign_in_attempts',
  'known_networks',
  'known_agents',
  'one_time_tokens',
  'second_factors',
  'recovery_codes',
  'remembered_devices',
  'passkeys',
  'posts',
  'security_events',
  'security_event_seals',
  'outbox',
]);

/** A page of 100 and one more, twice: what a scan may read at most, unless its operation says why it reads more. */
const ordinaryReads = 202;

/** What is wrong with the statement's plan, however large its tables may grow; empty when nothing is. */
export function faultsOf(
  statement: ExecutedStatement,
  { reads, scans = false }: Pick<Operation, 'reads' | 'scans'>,
): string[] {
  const limit = reads === undefined ? ordinaryReads : reads;
  return nodesOf(statement.plan)
    .flatMap((node) => faultsOfNode(node, limit, scans))
    .map((fault) => `${fault}: ${statement.text}\n  ${shapeOf(statement.plan)}`);
}

function faultsOfNode(node: PlanNode, limit: number | null, scans: boolean): string[] {
  const type = node['Node Type'];
  if (type === 'Seq Scan' && !scans && bigTables.has(node['Relation Name'] ?? '')) return ['scans a whole table'];
  if (limit === null) return [];
  if (rowsRead(node) > limit) return [`reads ${rowsRead(node)} rows`];
  if (type.endsWith('Sort') && rowsIn(node) > limit) return [`sorts ${rowsIn(node)} rows`];
  return [];
}

/** Whether the statement touches a table at all. */
export function readsTable({ plan }: ExecutedStatement): boolean {
  return nodesOf(plan).some((node) => bigTables.has(node['Relation Name'] ?? ''));
}
