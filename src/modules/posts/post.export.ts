import type { ExportedTable } from '../../common/exported-table.js';

export const exportedPosts: readonly ExportedTable[] = [
  {
    table: 'posts',
    owner: 'author_id',
    columns: ['id', 'title', 'body', 'status', 'created_at', 'updated_at'],
    withheld: ['author_id', 'search'],
  },
];
