import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import { newId } from '../../../common/ids.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { UserRow } from '../../users/user.queries.js';
import type { Notifier } from '../notices/notifier.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { TokenKind } from '../tokens/token-issuer.js';
import type { SignInAccount } from './account.queries.js';
import type { Admitted } from './admission.js';
import type { ConditionalInsert } from './conditional-insert.js';
import type { LoginHooks } from './login-hooks.js';
import type { Sightings } from './sightings.js';
import { openSession, type SignInRecords } from './sign-in.queries.js';

/** Somebody has proved who they are, by whatever means. */
export interface Proof {
  readonly account: SignInAccount;
  /** The means (Authentication Method Reference Values, RFC 8176). */
  readonly amr: readonly string[];
  /** What `SignInGate` said of the account. */
  readonly claims: Admitted;
  /** What must hold of the row of `users` besides being active: what was looked at, and may have changed since. */
  readonly unchanged?: RawBuilder<unknown>;
  /** A new hash of the same password, when the parameters have changed since it was made. */
  readonly rehash?: string | null;
  /** Whether it shows that the user reads the account's mail. */
  readonly verifiesEmail?: boolean;
  /** What is written down with the session. */
  readonly alongside?: readonly ConditionalInsert[];
  /** Uses up what it is made of, in the transaction that opens the session; throws when somebody else was faster. */
  spend?(tx: EntityManager): Promise<void>;
}

/** Opens a session for whoever has proved who they are: the one way in, for passwords, second factors and passkeys alike. */
export class SessionOpener {
  constructor(
    private readonly sightings: Sightings,
    private readonly hooks: LoginHooks,
    private readonly events: SecurityEventRecorder,
    private readonly notifier: Notifier,
    private readonly updateLastLogin: boolean,
    private readonly clock: Clock,
  ) {}

  /**
   * Null when the account was deactivated, or what is in `unchanged` has changed. A sign-in from a device that the account
   * does not know is told to its user. The user's row is locked first, before what `spend` locks. Not to be called within
   * a transaction: the extensions hear of the sign-in at its end.
   */
  async open<Tokens extends { readonly user: UserRow }>(
    em: EntityManager,
    proof: Proof,
    device: Device,
    kind: TokenKind<Tokens>,
  ): Promise<Tokens | null> {
    const token = kind.begin();
    const sessionId = newId(this.clock);
    const { account, amr, unchanged = sql`true`, rehash = null, verifiesEmail = false } = proof;
    const signIn = {
      ...{ userId: account.userId, unchanged, rehash, verifiesEmail, amr, device, sessionId, token },
      seen: this.sightings.of(device),
      recorded: kind.recorded,
      updateLastLogin: this.updateLastLogin,
    };
    const records = this.recordsOf(account, sessionId, device, proof.alongside);
    const holder = proof.spend
      ? await em.transactional(async (tx) => {
          const opened = await openSession(tx, signIn, records);
          if (opened) await proof.spend?.(tx);
          return opened;
        })
      : await openSession(em, signIn, records);
    if (holder === null) return null;
    const tokens = kind.issue(holder, token, await proof.claims.claimsOf(holder.user));
    this.hooks.succeeded(tokens.user, device);
    return tokens;
  }

  private recordsOf(
    account: SignInAccount,
    sessionId: string,
    device: Device,
    alongside: readonly ConditionalInsert[] = [],
  ): SignInRecords {
    const { userId: id, username, email, emailVerifiedAt } = account;
    const event = { ...device, userId: id, actorId: id, sessionId };
    return {
      always: [(condition) => this.events.insert({ ...event, type: 'signed_in' }, condition), ...alongside],
      // Only rows that are flushed after more than a year make a known device unknown again.
      ifNew: account.deviceKnown
        ? []
        : [
            (condition) => this.events.insert({ ...event, type: 'new_device' }, condition),
            ...this.notifier.prepare({ id, username, email, emailVerifiedAt }, 'newDevice', device, {}),
          ],
    };
  }
}
