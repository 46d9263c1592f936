import type { ExportedTable } from '../../common/exported-table.js';

export const exportedOutbox: readonly ExportedTable[] = [
  {
    table: 'outbox',
    owner: 'user_id',
    columns: ['kind', 'created_at', 'failed_at'],
    withheld: ['id', 'user_id', 'payload', 'attempts', 'next_attempt_at', 'last_error'],
  },
];
