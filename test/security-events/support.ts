import { IsolationLevel } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import {
  BrokenChainError,
  type VerifiedChain,
  type VerifyOptions,
  verifyChain,
} from '../../src/modules/security-events/event-chain.verifier.js';
import { SecurityEventRecorder } from '../../src/modules/security-events/security-event.recorder.js';
import type { NewSecurityEvent } from '../../src/modules/security-events/security-event.types.js';
import type { TestApp } from '../support/app.js';

const plain: NewSecurityEvent = {
  type: 'signing_key_generated',
  userId: null,
  actorId: null,
  sessionId: null,
  ipAddress: null,
  userAgent: null,
};

/** Writes an event as the program does, in a transaction of its own. */
export async function record({ app, clock }: TestApp, parts: Partial<NewSecurityEvent> = {}): Promise<void> {
  const recorder = new SecurityEventRecorder(clock);
  await app.database.fork().transactional((em) => recorder.record(em, { ...plain, ...parts }));
}

/** Verifies the chain as the command does. */
export function verify({ app }: TestApp, options: VerifyOptions = {}): Promise<VerifiedChain> {
  return app.database
    .fork()
    .transactional((em) => verifyChain(em, options), { isolationLevel: IsolationLevel.REPEATABLE_READ });
}

class Undo extends Error {}

/** What is found wrong after the work, by whoever may do anything to the database; `nothing` if nothing is. */
export async function faultAfter(
  { app }: TestApp,
  work: readonly string[],
  options: VerifyOptions = {},
): Promise<string> {
  let fault = 'nothing';
  const attack = async (em: EntityManager): Promise<never> => {
    await em.execute('set local session_replication_role = replica');
    for (const statement of work) await em.execute(statement);
    await verifyChain(em, options).catch((error: unknown) => {
      if (!(error instanceof BrokenChainError)) throw error;
      fault = error.message;
    });
    throw new Undo();
  };
  await app.database
    .fork()
    .transactional(attack)
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  return fault;
}
