import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { UserRow } from '../../users/user.queries.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { TokenKind } from '../tokens/token-issuer.js';
import type { SignInAccount } from './account.queries.js';
import type { AttemptLimiter } from './attempt-limiter.js';
import type { PasswordCheck, SignInInput } from './password-check.js';
import type { SessionOpener } from './session-opener.js';
import type { SignInGate } from './sign-in-gate.js';

/** Signs users in by name and password. */
export class SignInService {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly limiter: AttemptLimiter,
    private readonly gate: SignInGate,
    private readonly opener: SessionOpener,
  ) {}

  /** Throws what `PasswordCheck` does, or after a right password what `SignInGate` does. */
  signIn<Tokens extends { readonly user: UserRow }>(
    em: EntityManager,
    input: SignInInput,
    device: Device,
    kind: TokenKind<Tokens>,
  ): Promise<Tokens> {
    return this.passwords.check(em, input, device, async ({ account, rehash, counted }) => {
      const claims = await this.gate.admit(em, account);
      const proof = { account, rehash, claims, amr: ['pwd'], unchanged: asItWas(account) };
      const tokens = await this.opener.open(em, proof, device, kind);
      if (tokens) await this.limiter.takeBack(em, counted);
      return tokens;
    });
  }
}

/** That neither the password nor a second factor has changed since the account was looked at. */
function asItWas({ passwordHash, factorVersion }: SignInAccount): RawBuilder<unknown> {
  return sql`password_hash = ${passwordHash} and factor_version = ${factorVersion}`;
}
