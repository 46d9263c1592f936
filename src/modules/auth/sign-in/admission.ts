import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, tokenNotValid } from '../../../common/errors.js';
import { ExtensionError } from '../../../common/extension-error.js';
import { withTimeout } from '../../../common/timeout.js';
import { findUsersByIds, type UserRow } from '../../users/user.queries.js';
import type { Extensions } from '../extensions.js';
import type { Payload } from '../tokens/claim-reader.js';

/** In bytes of JSON: with Postern's own claims and the longest signature a token then still fits into any proxy's headers. */
const longestClaims = 4_096;

/** In milliseconds. One that never answers would keep its user's next sign-ins waiting for ever. */
const usualTimeout = 5_000;

/** What a user who may have tokens gets into them. */
export interface Admitted {
  /** The claims that bearer tokens have beside Postern's; `user` is the row that the token is made of. */
  claimsOf(user: UserRow): Promise<Payload>;
}

const withoutClaims: Admitted = { claimsOf: async () => ({}) };

/**
 * What extensions say of a user who is about to get tokens: USER_AUTHENTICATION_RULE, and more claims. They are asked
 * before anything is written or used up, so that their faults cost nobody a session; without them it costs nothing.
 */
export class Admission {
  constructor(
    private readonly extensions: Pick<Extensions, 'claims' | 'userAuthenticationRule'>,
    private readonly ownClaims: readonly string[],
    private readonly timeout = usualTimeout,
  ) {}

  /** Null where the rule refuses, or nobody is there. Throws ExtensionError. */
  async admit(em: EntityManager, userId: string): Promise<Admitted | null> {
    if (!this.extensions.userAuthenticationRule && !this.extensions.claims) return withoutClaims;
    const [user] = await findUsersByIds(em, [userId]);
    if (user === undefined || !(await this.obeysRule(user))) return null;
    const claims = await this.claimsOf(user);
    // Changed in between, the user would have claims from before in a token from after, which nothing revokes.
    return { claimsOf: async (current) => (isUnchanged(user, current) ? claims : this.claimsOf(current)) };
  }

  /** The same of somebody who holds a token: throws TOKEN_NOT_VALID, USER_INACTIVE. */
  async require(em: EntityManager, userId: string): Promise<Admitted> {
    const admitted = await this.admit(em, userId);
    assertThat(admitted, () => tokenNotValid('USER_INACTIVE'));
    return admitted;
  }

  private async obeysRule(user: UserRow): Promise<boolean> {
    if (!this.extensions.userAuthenticationRule) return true;
    return this.ask(
      'userAuthenticationRule',
      async () => (await this.extensions.userAuthenticationRule?.(user)) === true,
    );
  }

  private async claimsOf(user: UserRow): Promise<Payload> {
    return this.ask('claims', async () => this.checked((await this.extensions.claims?.(user)) ?? {}));
  }

  private async ask<T>(name: keyof Extensions, question: () => Promise<T>): Promise<T> {
    try {
      return await withTimeout(question(), this.timeout, () => {
        throw new Error(`There was no answer within ${this.timeout} ms.`);
      });
    } catch (reason) {
      throw new ExtensionError(name, reason);
    }
  }

  /** A copy, for whoever made the claims may go on changing them. */
  private checked(claims: Payload): Payload {
    const json = JSON.stringify(claims);
    const size = Buffer.byteLength(json);
    if (size > longestClaims) throw new Error(`${size} bytes of JSON are more than ${longestClaims}.`);
    const copy: Payload = JSON.parse(json);
    const own = Object.keys(copy).find((name) => this.ownClaims.includes(name));
    if (own !== undefined) throw new Error(`The claim ${own} is Postern's own.`);
    return copy;
  }
}

/** Whether two rows of a user say the same, but for the sign-in itself. */
function isUnchanged(user: UserRow, current: UserRow): boolean {
  return user.username === current.username && user.email === current.email && user.role === current.role;
}
