import { createHmac } from 'node:crypto';
import { networkOf } from '../../../common/network.js';
import type { Device } from '../sessions/refresh-token.queries.js';

/** What an account remembers of where it was signed in to from. */
export interface Sighting {
  readonly network: string;
  /** A keyed hash of the program and the system, whatever their versions. */
  readonly agent: Buffer;
}

/** Tells devices apart by what every request shows: a guess that is good enough for a notice, and for nothing more. */
export class Sightings {
  readonly #macKey: Buffer;

  constructor(macKey: Buffer) {
    this.#macKey = macKey;
  }

  of({ ipAddress, userAgent }: Device): Sighting {
    // A browser that was updated is no other one.
    const agent = (userAgent ?? '').replaceAll(/\d+(?:[._]\d+)*/g, '');
    return { network: networkOf(ipAddress), agent: createHmac('sha256', this.#macKey).update(agent).digest() };
  }
}
