import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, tokenNotValid } from '../../../common/errors.js';
import { findVersionedUser } from '../../users/user.queries.js';
import type { Extensions } from '../extensions.js';
import type { Payload } from '../tokens/claim-reader.js';
import type { Admitted } from '../tokens/token-issuer.js';

/** In bytes of JSON: with Postern's own claims and the longest signature a token then still fits into any proxy's headers. */
const longestClaims = 4_096;

const unasked: Admitted = { claims: {}, tokenVersion: Number.POSITIVE_INFINITY };

/**
 * What extensions say of a user who is about to get tokens: USER_AUTHENTICATION_RULE, and more claims. They are asked
 * before anything is written or used up, so that their faults cost nobody a session; without them it costs nothing.
 */
export class Admission {
  constructor(
    private readonly extensions: Pick<Extensions, 'claims' | 'userAuthenticationRule'>,
    private readonly ownClaims: readonly string[],
  ) {}

  /** Null where the rule refuses, or nobody is there. */
  async admit(em: EntityManager, userId: string): Promise<Admitted | null> {
    if (!this.extensions.userAuthenticationRule && !this.extensions.claims) return unasked;
    const found = await findVersionedUser(em, userId);
    if (found === null) return null;
    const { user, tokenVersion } = found;
    if (this.extensions.userAuthenticationRule && !(await this.extensions.userAuthenticationRule(user))) return null;
    return { claims: this.checked((await this.extensions.claims?.(user)) ?? {}), tokenVersion };
  }

  /** The same of somebody who holds a token: throws TOKEN_NOT_VALID, USER_INACTIVE. */
  async require(em: EntityManager, userId: string): Promise<Admitted> {
    const admitted = await this.admit(em, userId);
    assertThat(admitted, () => tokenNotValid('USER_INACTIVE'));
    return admitted;
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
