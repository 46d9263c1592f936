import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import { assertThat, tokenNotValid } from '../../../common/errors.js';

const timeLength = 8;
const bodyLength = timeLength + 32;
const macLength = 32;

/** What every token looks like: its end, 32 random bytes and a MAC in base64url. */
const form = /^[\w-]{96}$/;

export interface SignInChallenge {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Challenges of sign-ins by passkey. Anybody may ask for one, so nothing is kept of it: the token says itself until when
 * it is good, under a MAC. Only the one that opens a session is written down, as used, until its time is over.
 */
export class SignInChallenges {
  readonly #macKey: Buffer;
  readonly #clock: Clock;

  constructor(macKey: Buffer, clock: Clock) {
    this.#macKey = macKey;
    this.#clock = clock;
  }

  /** `lifetime` in milliseconds. */
  issue(lifetime: number): SignInChallenge {
    const expiresAt = new Date(this.#clock.now() + lifetime);
    const time = Buffer.alloc(timeLength);
    time.writeBigUInt64BE(BigInt(expiresAt.getTime()));
    const body = Buffer.concat([time, randomBytes(bodyLength - timeLength)]);
    return { token: Buffer.concat([body, this.mac(body)]).toString('base64url'), expiresAt };
  }

  /** The challenge of a token whose time is not over; whether it was used shows when it is. Throws TOKEN_NOT_VALID. */
  open(token: string): SignInChallenge {
    const bytes = Buffer.from(form.test(token) ? token : '', 'base64url');
    assertThat(bytes.length === bodyLength + macLength, () => tokenNotValid('MALFORMED'));
    const body = bytes.subarray(0, bodyLength);
    assertThat(timingSafeEqual(bytes.subarray(bodyLength), this.mac(body)), () => tokenNotValid('MALFORMED'));
    const expiresAt = new Date(Number(body.readBigUInt64BE()));
    assertThat(expiresAt.getTime() > this.#clock.now(), () => tokenNotValid('EXPIRED'));
    return { token, expiresAt };
  }

  /** The statement that uses the challenge up, once: it returns a row to the first of any number of parallel calls. */
  spend({ token, expiresAt }: SignInChallenge): RawBuilder<unknown> {
    // Of no user, so that no change of the account makes it good again.
    return sql`
      insert into one_time_tokens (hash, user_id, purpose, data, created_at, expires_at)
      values (${createHash('sha256').update(token).digest()}::bytea, null, 'PASSKEY_SIGN_IN', '{}'::jsonb,
        ${new Date(this.#clock.now())}::timestamptz, ${expiresAt}::timestamptz)
      on conflict (hash) do nothing
      returning 1`;
  }

  private mac(body: Buffer): Buffer {
    return createHmac('sha256', this.#macKey).update(body).digest();
  }
}
