import { z } from 'zod';

/** A node of an executed plan, as `explain (analyze, format json)` shows it; counts are those of one loop. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Index Name'?: string | undefined;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number | undefined;
  readonly 'Rows Removed by Index Recheck'?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}

/** A statement as PostgreSQL executed it. */
export interface ExecutedStatement {
  readonly text: string;
  readonly milliseconds: number;
  readonly plan: PlanNode;
}

const node: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  get Plans() {
    return z.array(node).optional();
  },
});
const explained = z.object({ 'Query Text': z.string(), Plan: node });

/** Reads what auto_explain says of a statement; null for any other message. */
export function parseExplained(message: string): ExecutedStatement | null {
  const match = /^duration: ([\d.]+) ms\s+plan:\s*(\{.*\})\s*$/s.exec(message);
  if (!match) return null;
  const { 'Query Text': text, Plan: plan } = explained.parse(JSON.parse(match[2] ?? ''));
  return { text: text.replace(/\s+/g, ' ').trim(), milliseconds: Number(match[1]), plan };
}

/** The node and all below it that were executed, outermost first. */
export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...executedBelow(plan).flatMap(nodesOf)];
}

/** A branch whose condition did not hold is part of the plan, but never ran. */
function executedBelow({ Plans = [] }: PlanNode): PlanNode[] {
  return Plans.filter((child) => child['Actual Loops'] > 0);
}

/** Rows or index entries that the node looked at itself, those that it then threw away included. */
export function rowsRead(node: PlanNode): number {
  const isScan = node['Relation Name'] !== undefined || node['Index Name'] !== undefined;
  if (!isScan || node['Node Type'] === 'ModifyTable') return 0;
  const discarded = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + discarded) * node['Actual Loops'];
}

/** Rows that went into the node. */
export function rowsIn(node: PlanNode): number {
  return (node.Plans ?? []).reduce((sum, child) => sum + child['Actual Rows'] * child['Actual Loops'], 0);
}

/** What was executed of the plan, on one line: `Limit ← Index Scan (posts_status_created_at_index)`. */
export function shapeOf(plan: PlanNode): string {
  const own = describe(plan);
  const below = [...new Set(executedBelow(plan).map(shapeOf))];
  if (below.length === 0) return own;
  return `${own} ← ${below.length === 1 ? below[0] : `[${below.join(', ')}]`}`;
}

function describe(node: PlanNode): string {
  const target = node['Index Name'] ?? node['Relation Name'];
  return `${node['Node Type']}${target === undefined ? '' : ` (${target})`}`;
}
