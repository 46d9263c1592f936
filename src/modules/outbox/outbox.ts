import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../common/clock.js';
import { newId } from '../../common/ids.js';
import type { SealerRing } from '../../common/sealer.js';
import { insertItem, type TakenItem } from './outbox.queries.js';
import type { NewOutboxItem, OutboxKind, OutboxPayloads } from './outbox.types.js';

/**
 * Takes down what is to be done once a transaction has committed, in that transaction: both are there, or neither (the
 * transactional outbox). What it holds is encrypted, for mails carry codes and links.
 */
export class Outbox {
  constructor(
    private readonly sealer: SealerRing,
    private readonly clock: Clock,
  ) {}

  async post(em: EntityManager, item: NewOutboxItem): Promise<void> {
    await this.insert(item).execute(em.getKysely());
  }

  /** The statement, to be part of a larger one: the item is written if the condition holds. */
  insert(item: NewOutboxItem, condition: RawBuilder<unknown> = sql`true`): RawBuilder<unknown> {
    const id = newId(this.clock);
    const { kind, userId } = item;
    const payload = this.sealer.seal(Buffer.from(JSON.stringify(item.payload)), contextOf(kind, id));
    return insertItem({ id, kind, userId, payload, createdAt: new Date(this.clock.now()) }, condition);
  }

  /** What the item says; null when the key that encrypted it is gone. */
  open<Kind extends OutboxKind>(kind: Kind, { id, payload }: TakenItem): OutboxPayloads[Kind] | null {
    const opened = this.sealer.open(payload, contextOf(kind, id));
    return opened && (JSON.parse(opened.toString()) as OutboxPayloads[Kind]);
  }
}

function contextOf(kind: OutboxKind, id: string): string {
  return `${kind} ${id}`;
}
