import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, tokenNotValid } from '../../../common/errors.js';
import { findUsersByIds } from '../../users/user.queries.js';
import type { Extensions } from '../extensions.js';
import type { Payload } from '../tokens/claim-reader.js';

/** In bytes of JSON: with Postern's own claims and the longest signature a token then still fits into any proxy's headers. */
const longestClaims = 4_096;

/**
 * What extensions say of a user who is about to get tokens: USER_AUTHENTICATION_RULE, and more claims. They are asked
 * before anything is written or used up, so that their faults cost nobody a session; without them it costs nothing.
 */
export class Admission {
  constructor(
    private readonly extensions: Pick<Extensions, 'claims' | 'userAuthenticationRule'>,
    private readonly ownClaims: readonly string[],
  ) {}

  /** The claims that the user's bearer tokens have beside Postern's; null where the rule refuses, or nobody is there. */
  async admit(em: EntityManager, userId: string): Promise<Payload | null> {
    if (!this.extensions.userAuthenticationRule && !this.extensions.claims) return {};
    const [user] = await findUsersByIds(em, [userId]);
    if (user === undefined) return null;
    if (this.extensions.userAuthenticationRule && !(await this.extensions.userAuthenticationRule(user))) return null;
    return this.checked((await this.extensions.claims?.(user)) ?? {});
  }

  /** The same of somebody who holds a token: throws TOKEN_NOT_VALID, USER_INACTIVE. */
  async require(em: EntityManager, userId: string): Promise<Payload> {
    const claims = await this.admit(em, userId);
    assertThat(claims, () => tokenNotValid('USER_INACTIVE'));
    return claims;
  }

  private checked(claims: Payload): Payload {
    const own = Object.keys(claims).find((name) => this.ownClaims.includes(name));
    if (own !== undefined) throw new Error(`The extension \`claims\` may not set ${own}, which is Postern's own.`);
    const size = Buffer.byteLength(JSON.stringify(claims));
    if (size > longestClaims) {
      throw new Error(`The extension \`claims\` gave ${size} bytes of JSON, more than ${longestClaims}.`);
    }
    return claims;
  }
}
