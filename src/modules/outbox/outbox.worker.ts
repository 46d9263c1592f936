import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.js';
import type { Outbox } from './outbox.js';
import { giveUp, postpone, removeDone, type TakenItem, takeDue } from './outbox.queries.js';
import { OutboxError, type OutboxKind, type OutboxPayloads } from './outbox.types.js';

/** Removes the item, in the transaction that does what it asks for, where there is one; false if somebody else has it now. */
export type Finish = (em: EntityManager) => Promise<boolean>;

/** Does what an item asks for, and finishes it. Throws OutboxError, or anything else where nobody knows better. */
export type OutboxHandler<Payload> = (
  payload: Payload,
  item: Pick<TakenItem, 'id' | 'createdAt'>,
  finish: Finish,
) => Promise<void>;

export type OutboxHandlers = { readonly [Kind in OutboxKind]: OutboxHandler<OutboxPayloads[Kind]> };

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** How many items are under way at once. */
const batchSize = 10;

/** How long an item is this worker's, longer than any handler takes: after it another one may try, should this one be dead. */
const leaseTime = 2 * minute;

/** Waiting times after one, two … failed tries; the last one stays. */
const waits = [10 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, 60 * minute];

/** RFC 5321, section 4.5.4.1: at least four to five days. */
const patience = 5 * day;

/** How long nothing is tried once nobody has answered. */
const pauses = [1 * second, 2 * second, 5 * second, 10 * second, 30 * second, 60 * second];

/** Does what the outbox holds. Any number of them, on any number of instances, share the work and do nothing twice. */
export class OutboxWorker {
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Since when nobody has answered. */
  private silence = { failures: 0, until: 0 };
  /** Done, but not yet known to the database: not to be done again. */
  private readonly done = new Map<string, TakenItem>();

  constructor(
    private readonly outbox: Outbox,
    private readonly handlers: OutboxHandlers,
    private readonly fork: () => EntityManager,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Looks for work every so many milliseconds; 0: only when `deliver` is called. */
  start(interval: number): void {
    if (interval === 0) return;
    this.timer = setInterval(() => {
      if (this.running === null) void this.deliver();
    }, interval).unref();
  }

  /** Lets what is under way come to its end. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Does all that is due; never rejects. */
  async deliver(): Promise<void> {
    // Whoever comes while it runs may have just written something, so it looks once more.
    const run = (this.running ?? Promise.resolve()).then(() => this.run());
    this.running = run;
    await run;
    if (this.running === run) this.running = null;
  }

  private async run(): Promise<void> {
    try {
      for (let more = true; more && !this.stopped && this.clock.now() >= this.silence.until; )
        more = await this.round();
    } catch (error) {
      this.logger.warn({ err: error }, 'The outbox could not be read or written; it is tried again.');
    }
  }

  /** Whether there may be more. */
  private async round(): Promise<boolean> {
    await this.removeAllDone();
    const now = this.clock.now();
    const limit = this.silence.failures > 0 ? 1 : batchSize;
    const items = await takeDue(this.fork(), new Date(now), new Date(now + leaseTime), limit);
    const attempts = await Promise.allSettled(items.map((item) => this.attempt(item)));
    // All have come to their end before anything is taken again.
    for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
    return items.length === limit;
  }

  private async attempt(item: TakenItem): Promise<void> {
    // The lease of one that was done is over before the database could be told.
    if (this.done.has(item.id)) {
      this.done.set(item.id, item);
      return;
    }
    try {
      await this.handle(item);
      this.silence = { failures: 0, until: 0 };
    } catch (error) {
      await this.fail(item, error);
    }
  }

  private async handle(item: TakenItem): Promise<void> {
    const { kind } = item;
    if (!isKnown(kind, this.handlers)) throw new OutboxError('deferred', `unknown kind ${kind}`);
    await this.handleAs(kind, item);
  }

  private async handleAs<Kind extends OutboxKind>(kind: Kind, item: TakenItem): Promise<void> {
    const payload = this.outbox.open(kind, item);
    if (payload === null) throw new OutboxError('refused', 'the key that encrypted it is gone');
    const handler: OutboxHandler<OutboxPayloads[Kind]> = this.handlers[kind];
    await handler(payload, item, (em) => this.finish(em, item));
  }

  private async finish(em: EntityManager, item: TakenItem): Promise<boolean> {
    if (em.isInTransaction()) return removeDone(em, item);
    this.done.set(item.id, item);
    const removed = await removeDone(em, item);
    this.done.delete(item.id);
    return removed;
  }

  private async removeAllDone(): Promise<void> {
    for (const item of this.done.values()) await this.finish(this.fork(), item);
  }

  private async fail(item: TakenItem, error: unknown): Promise<void> {
    if (this.done.has(item.id)) {
      this.logger.warn(
        { err: error, id: item.id },
        'An item of the outbox is done, which the database is yet to learn.',
      );
      return;
    }
    const { failure, code } = error instanceof OutboxError ? error : unforeseen(error);
    const now = this.clock.now();
    const report = { id: item.id, kind: item.kind, attempts: item.attempts, code };
    if (!(error instanceof OutboxError)) this.logger.error({ err: error, ...report }, 'An item of the outbox failed.');
    if (failure === 'refused' || now - item.createdAt.getTime() >= patience) {
      this.logger.error(report, 'An item of the outbox has been given up; `npm run outbox` shows them.');
      await giveUp(this.fork(), item, new Date(now), code);
      return;
    }
    const wait = failure === 'unreachable' ? this.fallSilent(now) : waitAfter(waits, item.attempts);
    this.logger.warn({ ...report, waitMs: wait }, 'An item of the outbox could not be done; it is tried again.');
    await postpone(this.fork(), item, new Date(now + wait), code);
  }

  /** Returns for how long nothing is tried. */
  private fallSilent(now: number): number {
    if (now < this.silence.until) return this.silence.until - now;
    const failures = this.silence.failures + 1;
    const wait = waitAfter(pauses, failures);
    this.silence = { failures, until: now + wait };
    return wait;
  }
}

function isKnown(kind: string, handlers: OutboxHandlers): kind is OutboxKind {
  return Object.hasOwn(handlers, kind);
}

function unforeseen(error: unknown): Pick<OutboxError, 'failure' | 'code'> {
  return { failure: 'deferred', code: error instanceof Error ? error.name : 'unknown' };
}

function waitAfter(times: readonly number[], failures: number): number {
  return times[Math.min(failures, times.length) - 1] ?? minute;
}
