import type { EntityManager } from '@mikro-orm/sql';
import { findChain, findSealedEvents, findUnsealedEvent, type Link, type SealedEvent } from './event-chain.queries.js';
import { eventHash, noHash } from './event-hash.js';

/** How many events are read at once. */
const batchSize = 5_000;

/** The security events are not what was written; the message says which, and how that is known. */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
}

export interface VerifiedChain {
  readonly base: Link;
  readonly head: Link;
}

export interface VerifyOptions {
  /** A head that was noted down earlier. */
  readonly anchor?: Link | null;
  onProgress?(done: number, total: number): void;
}

/**
 * Recomputes every hash from the base to the head. Throws BrokenChainError with the first fault.
 * What it reads must stand still meanwhile: `em` is in a transaction that sees one snapshot.
 */
export async function verifyChain(em: EntityManager, options: VerifyOptions = {}): Promise<VerifiedChain> {
  const chain = await findChain(em);
  if (!chain) throw new BrokenChainError('The row that says where the chain begins and ends is gone.');
  const { base, head } = chain;
  const anchor = options.anchor ?? null;
  if (base.position === 0 && base.hash !== noHash) throw new BrokenChainError('The chain does not begin with zeros.');
  if (anchor) checkAnchorWithin(anchor, base, head);
  const last = await walk(em, base, (link) => {
    if (anchor) checkAnchor(anchor, link);
    options.onProgress?.(link.position - base.position, head.position - base.position);
  });
  checkHead(head, last);
  const unsealed = await findUnsealedEvent(em);
  if (unsealed !== null)
    throw new BrokenChainError(`The event ${unsealed} has no seal: it was not written by an insert.`);
  return { base, head };
}

/** Goes from seal to seal, and returns where the last one is. */
async function walk(em: EntityManager, base: Link, onLink: (link: Link) => void): Promise<Link> {
  let link = base;
  onLink(link);
  for (let after: number | null = null; ; after = link.position) {
    const batch: readonly SealedEvent[] = await findSealedEvents(em, after, batchSize);
    for (const sealed of batch) {
      checkSeal(link, sealed);
      link = sealed;
      onLink(link);
    }
    if (batch.length < batchSize) return link;
  }
}

function checkSeal(previous: Link, { position, hash, eventId, parts }: SealedEvent): void {
  const expected = previous.position + 1;
  if (position < expected) {
    throw new BrokenChainError(`There is a seal at position ${position}, before the chain's beginning.`);
  }
  if (position > expected) throw new BrokenChainError(`Position ${expected}: the seal is missing.`);
  if (parts === null) throw new BrokenChainError(`Position ${position}: the event ${eventId} is missing.`);
  if (eventHash(previous.hash, parts) !== hash) {
    throw new BrokenChainError(
      `Position ${position}: the event ${eventId} is not what was sealed there. It, its seal or the one before was changed.`,
    );
  }
}

function checkHead(head: Link, last: Link): void {
  if (head.position === last.position && head.hash === last.hash) return;
  throw new BrokenChainError(
    `The chain ends at ${format(last)}, but its head says ${format(head)}: the end was cut off, or the head changed.`,
  );
}

function checkAnchorWithin({ position }: Link, base: Link, head: Link): void {
  if (position < base.position) {
    throw new BrokenChainError(
      `Position ${position} has been purged, so nothing can be compared with it: the chain now begins after ${base.position}.`,
    );
  }
  if (position > head.position) {
    throw new BrokenChainError(
      `The chain ends at position ${head.position}, before the noted ${position}: its end was cut off.`,
    );
  }
}

function checkAnchor(anchor: Link, link: Link): void {
  if (link.position !== anchor.position || link.hash === anchor.hash) return;
  throw new BrokenChainError(
    `Position ${link.position}: the hash is ${link.hash}, not the noted one. The chain was written anew up to there or beyond.`,
  );
}

/** As `--from` takes it. */
export function format({ position, hash }: Link): string {
  return `${position}:${hash}`;
}
