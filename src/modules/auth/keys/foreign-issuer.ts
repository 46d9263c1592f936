import type { Clock } from '../../../common/clock.js';
import { isId } from '../../../common/ids.js';
import type { Logger } from '../../../common/logger.js';
import { isHmac } from '../../../config/keys.js';
import type { Config, TokenSettings } from '../../../config.js';
import { type Payload, readNotBefore, readText, readTime } from '../tokens/claim-reader.js';
import { type ForeignAccessClaims, TokenError } from '../tokens/claims.js';
import { JwtOpener, namedKey } from '../tokens/jwt-opener.js';
import { RemoteKeys } from './remote-keys.js';

/** RFC 9562, section 5.9: no session of ours. */
const nilUuid = '00000000-0000-0000-0000-000000000000';

type IssuerSettings = Pick<TokenSettings, 'algorithm' | 'issuer' | 'audience' | 'leeway' | 'claims'>;

/**
 * The other issuer whose access tokens are trusted (JWT_JWK_URL): it vouches for who somebody is, by an id of ours, and for
 * nothing more. Its `role` and `email` are not even read.
 */
export class ForeignIssuer {
  private readonly opener: JwtOpener;

  constructor(
    private readonly keys: RemoteKeys,
    private readonly settings: IssuerSettings,
    private readonly clock: Clock,
  ) {
    this.opener = new JwtOpener(settings.algorithm, settings);
  }

  /** Throws TokenError, MALFORMED also where the issuer's keys cannot be had. */
  async verifyAccess(token: string): Promise<ForeignAccessClaims> {
    const keys = await this.keys.find(namedKey(token));
    const payload = this.opener.open(token, () => keys);
    const claims = this.read(payload);
    this.checkTimes(payload, claims);
    if (payload[this.settings.claims.tokenType] !== 'access') throw new TokenError('WRONG_TYPE');
    return claims;
  }

  private read(payload: Payload): ForeignAccessClaims {
    const { claims: names } = this.settings;
    const { sid, iat } = payload;
    readText(payload, names.tokenType);
    return {
      tokenType: 'foreign-access',
      jti: readText(payload, names.jti),
      userId: idOfOurs(readText(payload, names.userId)),
      sessionId: typeof sid === 'string' && isCanonicalId(sid) ? sid : nilUuid,
      issuedAt: iat === undefined ? new Date(0) : readTime(payload, 'iat'),
      expiresAt: readTime(payload, 'exp'),
    };
  }

  private checkTimes(payload: Payload, { expiresAt }: ForeignAccessClaims): void {
    const now = this.clock.now();
    const { leeway } = this.settings;
    const notBefore = readNotBefore(payload);
    if (notBefore && notBefore.getTime() > now + leeway) throw new TokenError('MALFORMED');
    if (expiresAt.getTime() <= now - leeway) throw new TokenError('EXPIRED');
  }
}

/** The issuer of JWT_JWK_URL; null where none is trusted. */
export function foreignIssuer({ tokens }: Pick<Config, 'tokens'>, clock: Clock, logger: Logger): ForeignIssuer | null {
  const { jwkUrl, algorithm } = tokens;
  if (jwkUrl === null || isHmac(algorithm)) return null;
  return new ForeignIssuer(new RemoteKeys(jwkUrl, algorithm, clock, logger), tokens, clock);
}

function idOfOurs(text: string): string {
  if (isCanonicalId(text)) return text;
  throw new TokenError('MALFORMED');
}

function isCanonicalId(text: string): boolean {
  return isId(text) && text === text.toLowerCase();
}
