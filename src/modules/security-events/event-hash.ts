import { createHash } from 'node:crypto';

/** An event's columns as PostgreSQL writes them, in the order in which they are hashed; the last is milliseconds. */
export type EventParts = readonly (string | null)[];

/** The hash before the first event, in hexadecimal. */
export const noHash = '00'.repeat(32);

/** SHA-256 of the hash before and the event, each part a netstring or `-,` for null; hexadecimal, as `previous` is. */
export function eventHash(previous: string, parts: EventParts): string {
  const hash = createHash('sha256').update(previous, 'hex');
  for (const part of parts) hash.update(part === null ? '-,' : `${Buffer.byteLength(part)}:${part},`);
  return hash.digest('hex');
}
