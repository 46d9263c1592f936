import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import { assertThat, notFound } from '../../common/errors.js';
import { isId } from '../../common/ids.js';
import type { Connection } from '../../common/pagination/connection.js';
import type { CursorCodec } from '../../common/pagination/cursor.js';
import { paginate } from '../../common/pagination/paginate.js';
import { readRows } from '../../common/pagination/read-rows.js';
import { parseInput } from '../../common/validation.js';
import type { TokenSettings } from '../../config.js';
import type { Revoker } from '../auth/revocation/revoker.js';
import type { EventOrigin } from '../security-events/security-event.types.js';
import { outstandingTokenList, outstandingTokensRules } from './outstanding-token.list.js';
import { findOutstandingToken } from './outstanding-token.queries.js';
import type { OutstandingToken, OutstandingTokensArguments } from './outstanding-token.types.js';

/** What admins see and do of refresh tokens; that the caller is one has been checked. */
export class OutstandingTokenService {
  constructor(
    private readonly cursors: CursorCodec,
    private readonly revoker: Revoker,
    private readonly leeway: TokenSettings['leeway'],
    private readonly clock: Clock,
  ) {}

  /** A page of all refresh tokens, all of it as of one moment; throws BAD_USER_INPUT with every broken rule. */
  page(em: EntityManager, args: OutstandingTokensArguments): Connection<OutstandingToken> {
    const request = parseInput(outstandingTokensRules, args, []);
    return paginate(readRows(em), this.cursors, outstandingTokenList(request, this.expiredBy()), request);
  }

  /** Ends the token's session, and with it the token. One that is blacklisted stays as it is. Throws NOT_FOUND. */
  async blacklist(em: EntityManager, jti: string, origin: EventOrigin): Promise<OutstandingToken> {
    const token = await this.byJti(em, jti);
    if (token.status === 'BLACKLISTED') return token;
    await this.revoker.revoke(em, 'TOKEN_BLACKLISTED', token, origin, token.jti);
    return this.byJti(em, jti);
  }

  private async byJti(em: EntityManager, jti: string): Promise<OutstandingToken> {
    const token = isId(jti) ? await findOutstandingToken(em, jti, this.expiredBy()) : null;
    assertThat(token, () => notFound('token'));
    return token;
  }

  /** What a refresh refuses as expired is shown as expired. */
  private expiredBy(): Date {
    return new Date(this.clock.now() - this.leeway);
  }
}
