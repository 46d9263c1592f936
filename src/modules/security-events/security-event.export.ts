import { sql } from 'kysely';
import type { ExportedTable } from '../../common/exported-table.js';

/** As in `asSeenByUser`: where an admin sat who did it is the admin's own affair. */
const unlessByAnother = (column: string) =>
  sql`case when actor_id is null or actor_id = user_id then ${sql.ref(column)} end`;

export const exportedSecurityEvents: readonly ExportedTable[] = [
  {
    table: 'security_events',
    owner: 'user_id',
    columns: ['id', 'type', 'actor_id', 'session_id', 'ip_address', 'user_agent', 'detail', 'created_at'],
    withheld: ['user_id'],
    shownAs: { ip_address: unlessByAnother('ip_address'), user_agent: unlessByAnother('user_agent') },
  },
];
