import type { Database } from '../database/open.js';
import type { KeyRing } from '../modules/auth/keys/key-ring.js';
import type { RevocationFeed } from '../modules/auth/revocation/revocation-feed.js';
import type { Services } from '../modules/index.js';
import { measureOutbox } from '../modules/outbox/outbox.queries.js';
import type { AppState } from './app-looks.js';
import { patientQuestion } from './patient-question.js';

/** How long a scrape waits for the database, in milliseconds; Prometheus gives up after ten seconds. */
const patience = 1_000;

interface Parts {
  readonly database: Database;
  readonly services: Pick<Services, 'hashers'>;
  readonly feed: RevocationFeed;
  readonly ring: KeyRing;
}

/** The state of an app, to be looked at as often as anybody likes. */
export function stateOf({ database, services: { hashers }, feed, ring }: Parts): AppState {
  return {
    hashing: { sign_in: () => hashers.signIn.load, registration: () => hashers.registration.load },
    pool: () => database.poolUse(),
    outbox: patientQuestion(() => measureOutbox(database.fork()), patience),
    deafFor: () => feed.deafFor(),
    acceptedKeys: () => ring.candidates(undefined).length,
    canSign: () => ring.canSign(),
  };
}
