import type { EntityManager } from '@mikro-orm/sql';
import type { Device } from '../sessions/refresh-token.queries.js';
import { findAccountById, findAccountByName, type SignInAccount } from './account.queries.js';
import type { Sightings } from './sightings.js';

/** Finds the account that somebody wants to sign in to, with all that there is to know beforehand, in one statement. */
export class SignInAccounts {
  constructor(private readonly sightings: Sightings) {}

  /** By user name or e-mail address, without regard to case. */
  byName(em: EntityManager, name: string, device: Device): Promise<SignInAccount | null> {
    return findAccountByName(em, name, this.sightings.of(device));
  }

  byId(em: EntityManager, userId: string, device: Device): Promise<SignInAccount | null> {
    return findAccountById(em, userId, this.sightings.of(device));
  }
}
