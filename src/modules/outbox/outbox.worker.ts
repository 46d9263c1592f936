import { isNativeError } from 'node:util/types';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.js';
import { withTimeout } from '../../common/timeout.js';
import { isDatabaseUnavailable } from '../../database/unavailable.js';
import type { Outbox } from './outbox.js';
import { isOutOfPatience, Silence, waitAfterDeferral, waitAfterSilence } from './outbox.patience.js';
import { giveUp, postpone, removeDone, type TakenItem, takeDue } from './outbox.queries.js';
import { OutboxError, type OutboxKind, type OutboxPayloads } from './outbox.types.js';

/** Removes the item, in the transaction that does what it asks for, where there is one; false if somebody else has done it. */
export type Finish = (em: EntityManager) => Promise<boolean>;

/**
 * Does what an item asks for, within a minute, or at once no more when the signal aborts. Throws OutboxError, or anything
 * else where nobody knows better. It calls `finish` itself where both must happen in one transaction; else that is done
 * when it resolves.
 */
export type OutboxHandler<Payload> = (
  payload: Payload,
  item: Pick<TakenItem, 'id' | 'createdAt'>,
  finish: Finish,
  signal: AbortSignal,
) => Promise<void>;

export type OutboxHandlers = { readonly [Kind in OutboxKind]: OutboxHandler<OutboxPayloads[Kind]> };

/** How many items are under way at once. */
const batchSize = 10;

/** How long an item is this worker's, in milliseconds, longer than any handler takes: then another may try, should this one be dead. */
const leaseTime = 120_000;

/** Does what the outbox holds. Any number of them, on any number of instances, share the work. */
export class OutboxWorker {
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly handBack = new AbortController();
  private readonly silence = new Silence();
  /** Done, but not yet known to the database: not to be done again. */
  private readonly done = new Set<string>();
  /** Whether the outbox could not be read or written the last time. */
  private troubled = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly handlers: OutboxHandlers,
    private readonly fork: () => EntityManager,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** How long a stop lets what is under way come to its end, in milliseconds, before it hands it back. */
    private readonly grace: number,
  ) {}

  /** Looks for work every so many milliseconds; 0: only when `deliver` is called. */
  start(interval: number): void {
    clearInterval(this.timer);
    if (interval === 0 || this.stopped) return;
    this.timer = setInterval(() => {
      if (this.running === null) void this.deliver();
    }, interval).unref();
  }

  /** Lets what is under way come to its end, or hands it back to whoever tries next; never rejects. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await withTimeout(this.running ?? Promise.resolve(), this.grace, () => this.handBack.abort());
    await this.running;
    if (this.done.size > 0) await this.guarded(() => this.removeAllDone());
  }

  /** Does all that is due; never rejects. */
  async deliver(): Promise<void> {
    // Whoever comes while it runs may have just written something, so it looks once more.
    const run = (this.running ?? Promise.resolve()).then(() => this.guarded(() => this.run()));
    this.running = run;
    await run;
    if (this.running === run) this.running = null;
  }

  /** Tells of trouble with the database when it begins and when it ends, not at every look. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (this.troubled) this.logger.info('The outbox is worked on again.');
      this.troubled = false;
    } catch (error) {
      const level = this.troubled ? 'debug' : isDatabaseUnavailable(error) ? 'warn' : 'error';
      this.logger[level]({ err: error }, 'The outbox cannot be read or written; it is tried again.');
      this.troubled = true;
    }
  }

  private async run(): Promise<void> {
    for (let more = true; more && !this.stopped && this.silence.left(this.clock.now()) === 0; )
      more = await this.round();
  }

  /** Whether there may be more. */
  private async round(): Promise<boolean> {
    await this.removeAllDone();
    const now = this.clock.now();
    const limit = this.silence.isUnbroken ? 1 : batchSize;
    const items = await takeDue(this.fork(), new Date(now), new Date(now + leaseTime), limit);
    const attempts = await Promise.allSettled(items.map((item) => this.attempt(item)));
    // All have come to their end before anything is taken again.
    for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
    return items.length === limit;
  }

  private async attempt(item: TakenItem): Promise<void> {
    try {
      await this.handle(item);
    } catch (error) {
      await this.fail(item, error);
      return;
    }
    if (this.silence.break()) this.logger.info('What the outbox hands over is taken again.');
  }

  private async handle(item: TakenItem): Promise<void> {
    const { kind } = item;
    // A newer version has written it, and will do it.
    if (!isKnown(kind, this.handlers)) throw new OutboxError('deferred', `unknown kind ${kind}`);
    await this.handleAs(kind, item);
  }

  private async handleAs<Kind extends OutboxKind>(kind: Kind, item: TakenItem): Promise<void> {
    const payload = this.outbox.open(kind, item);
    if (payload === null) throw new OutboxError('refused', 'the key that encrypted it is gone');
    const handler: OutboxHandler<OutboxPayloads[Kind]> = this.handlers[kind];
    let finished = false;
    const finish: Finish = (em) => {
      finished = true;
      return this.finish(em, item);
    };
    await handler(payload, item, finish, this.handBack.signal);
    if (!finished) await this.finish(this.fork(), item);
  }

  private async finish(em: EntityManager, { id }: TakenItem): Promise<boolean> {
    if (em.isInTransaction()) return (await removeDone(em, [id])) === 1;
    this.done.add(id);
    const removed = await removeDone(em, [id]);
    this.done.delete(id);
    return removed === 1;
  }

  private async removeAllDone(): Promise<void> {
    if (this.done.size === 0) return;
    await removeDone(this.fork(), [...this.done]);
    this.done.clear();
  }

  private async fail(item: TakenItem, error: unknown): Promise<void> {
    const known = error instanceof OutboxError;
    // The database's trouble, not the item's: it is done already, or somebody takes it when its lease is over.
    if (this.done.has(item.id) || (!known && isDatabaseUnavailable(error))) throw error;
    const { failure, code } = known ? error : unforeseen(error);
    const report = { id: item.id, kind: item.kind, attempts: item.attempts, code };
    if (!known) this.logger.error({ err: error, ...report }, 'An item of the outbox failed in an unforeseen way.');
    const now = this.clock.now();
    if (this.handBack.signal.aborted) {
      await postpone(this.fork(), item, new Date(now), code);
    } else if (failure === 'refused' || isOutOfPatience(item.createdAt, now)) {
      this.logger.error(report, 'An item of the outbox has been given up; `npm run outbox -- list` shows them.');
      await giveUp(this.fork(), item, new Date(now), code);
    } else {
      const waitMs = failure === 'unreachable' ? this.fallSilent(item, now, code) : waitAfterDeferral(item.attempts);
      const level = failure === 'unreachable' ? 'debug' : 'warn';
      this.logger[level]({ ...report, waitMs }, 'An item of the outbox could not be done; it is tried again.');
      await postpone(this.fork(), item, new Date(now + waitMs), code);
    }
  }

  /** Returns for how long the item waits. */
  private fallSilent({ attempts }: TakenItem, now: number, code: string): number {
    const isNews = this.silence.fall(now);
    const waitMs = this.silence.left(now);
    if (isNews) this.logger.warn({ code, waitMs }, 'Nobody takes what the outbox hands over; it is tried again.');
    return Math.max(waitMs, waitAfterSilence(attempts));
  }
}

function isKnown(kind: string, handlers: OutboxHandlers): kind is OutboxKind {
  return Object.hasOwn(handlers, kind);
}

function unforeseen(error: unknown): Pick<OutboxError, 'failure' | 'code'> {
  return { failure: 'deferred', code: isNativeError(error) ? error.name : 'unknown' };
}
