import type { ExportedTable } from '../../common/exported-table.js';

export const exportedUsers: readonly ExportedTable[] = [
  {
    table: 'users',
    owner: 'id',
    columns: [
      ...['id', 'username', 'email', 'email_verified_at', 'role', 'is_active'],
      ...['created_at', 'last_login_at', 'password_changed_at'],
    ],
    withheld: ['password_hash', 'token_version', 'factor_version'],
  },
];
