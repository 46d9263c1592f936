import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../common/clock.js';
import { type Fetch, fetchFailure, fetchLimited } from '../../../common/fetch-limited.js';
import type { Logger } from '../../../common/logger.js';
import { type PairAlgorithm, typeFault } from '../../../config/keys.js';

/** From this age on the set is fetched again, in milliseconds. */
const refreshAge = 5 * 60_000;

/** From this age on it is not used any more: better nobody than somebody whose key was withdrawn. */
const longestAge = 10 * 60_000;

const limits = {
  timeLimit: 5_000,
  byteLimit: 65_536,
  headers: { accept: 'application/jwk-set+json, application/json' },
};

/** The shortest time between two fetches, whatever they are for. */
const fetchInterval = 60_000;

const jwk = z.object({
  kty: z.string(),
  kid: z.string().optional(),
  use: z.literal('sig').optional(),
  alg: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
});
type Jwk = z.infer<typeof jwk>;
const jwkSet = z.object({ keys: z.array(z.unknown()) });

interface RemoteKey {
  readonly kid: string | undefined;
  readonly key: KeyObject;
}

interface Fetched {
  readonly keys: readonly RemoteKey[];
  readonly at: number;
}

/**
 * The public keys of another issuer, from its JWK Set (RFC 7517): cached, fetched again when they are old or a key is
 * missing, by one fetch for however many requests ask, at most once a minute. Fails closed.
 */
export class RemoteKeys {
  private cache: Fetched | null = null;
  private triedAt = Number.NEGATIVE_INFINITY;
  private fetching: Promise<void> | null = null;

  constructor(
    private readonly url: string,
    private readonly algorithm: PairAlgorithm,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly fetch: Fetch = globalThis.fetch,
  ) {}

  /** The keys that a token with this `kid` may be checked with; none where they cannot be had. */
  async find(kid: string | undefined): Promise<readonly KeyObject[]> {
    if (this.age() >= refreshAge || this.named(kid).length === 0) await this.refresh();
    return this.age() < longestAge ? this.named(kid) : [];
  }

  private named(kid: string | undefined): KeyObject[] {
    const keys = this.cache?.keys ?? [];
    return keys.filter((one) => kid === undefined || one.kid === kid).map(({ key }) => key);
  }

  private age(): number {
    return this.cache === null ? Number.POSITIVE_INFINITY : this.clock.now() - this.cache.at;
  }

  private async refresh(): Promise<void> {
    if (this.fetching === null && this.clock.now() - this.triedAt < fetchInterval) return;
    this.fetching ??= this.load().finally(() => {
      this.fetching = null;
    });
    await this.fetching;
  }

  private async load(): Promise<void> {
    const at = this.clock.now();
    this.triedAt = at;
    try {
      const { keys } = jwkSet.parse(JSON.parse(await fetchLimited(this.url, limits, this.fetch)));
      this.cache = { at, keys: keys.flatMap((key) => this.usable(key)) };
    } catch (error) {
      // Neither the error nor the query of the URL: both may carry secrets.
      this.logger.warn(`The keys at ${withoutQuery(this.url)} (JWT_JWK_URL) cannot be had: ${reasonOf(error)}.`);
    }
  }

  /** What is for something else, for another algorithm, or too weak, is passed over (RFC 7517, section 5). */
  private usable(candidate: unknown): RemoteKey[] {
    const { data } = jwk.safeParse(candidate);
    if (!data || (data.alg !== undefined && data.alg !== this.algorithm)) return [];
    const key = toKey(data);
    return key && typeFault(this.algorithm, key) === undefined ? [{ kid: data.kid, key }] : [];
  }
}

/** Only the public members: whatever else is in there stays out. */
function toKey({ kty, crv, x, y, n, e }: Jwk): KeyObject | null {
  const members = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
  try {
    return createPublicKey({ key: JSON.parse(JSON.stringify(members)), format: 'jwk' });
  } catch {
    return null;
  }
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof z.ZodError) return 'the answer is no JWK Set';
  return fetchFailure(error);
}
