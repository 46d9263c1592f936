import type { ExportedTable } from '../../common/exported-table.js';

const owner = 'user_id';
const times = ['created_at', 'last_used_at', 'expires_at'];
const place = ['ip_address', 'user_agent'];

/** Sessions, tokens without what they are made of, factors without their secrets, and what is known of devices. */
export const exportedAuth: readonly ExportedTable[] = [
  {
    table: 'sessions',
    owner,
    columns: ['id', ...times, ...place, 'ended_at', 'end_reason', 'amr', 'authenticated_at'],
    withheld: [owner],
  },
  {
    table: 'refresh_tokens',
    owner,
    columns: ['jti', 'session_id', 'issued_at', 'expires_at', 'rotated_at', 'successor_jti', 'blacklisted_at', 'state'],
    withheld: [owner],
  },
  {
    table: 'one_time_tokens',
    owner,
    columns: ['purpose', 'created_at', 'expires_at'],
    withheld: ['hash', owner, 'data', 'attempts_left', 'code_hash', 'code_sent_at'],
  },
  {
    table: 'second_factors',
    owner,
    columns: ['method', 'confirmed_at', 'last_used_at'],
    withheld: [owner, 'secret', 'last_step'],
  },
  // How many are left.
  { table: 'recovery_codes', owner, columns: [owner], withheld: ['hash'] },
  {
    table: 'passkeys',
    owner,
    columns: ['id', 'name', 'created_at', 'last_used_at', 'transports', 'backed_up'],
    withheld: [owner, 'credential_id', 'public_key', 'counter'],
  },
  { table: 'remembered_devices', owner, columns: ['id', ...times, ...place], withheld: [owner, 'token_hash'] },
  { table: 'known_networks', owner, columns: ['network', 'last_used_at'], withheld: [owner] },
  { table: 'known_agents', owner, columns: ['last_used_at'], withheld: [owner, 'agent'] },
];
