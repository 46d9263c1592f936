import { type RawBuilder, sql } from 'kysely';

/** Makes a statement that writes something down if the condition holds. */
export type ConditionalInsert = (condition: RawBuilder<unknown>) => RawBuilder<unknown>;

/** More parts of a `with` list, after others; all of them take effect if the condition holds. */
export function furtherParts(
  name: string,
  inserts: readonly ConditionalInsert[],
  condition: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql.join(
    inserts.map((insert, place) => sql`, ${sql.ref(`${name}_${place}`)} as (${insert(condition)})`),
    sql` `,
  );
}
