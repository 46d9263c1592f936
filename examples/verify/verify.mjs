/**
 * A service that trusts Postern's access tokens: it verifies them with Postern's public keys, and asks Postern nothing else.
 * Copy `Verifier`. Run as a program it reads tokens, one a line, and prints what each says or why it is refused.
 */
import { createPublicKey, verify } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const algorithms = { ES256: { kty: 'EC', dsaEncoding: 'ieee-p1363' }, RS256: { kty: 'RSA' } };
const leeway = 5; // seconds that clocks may differ
const refetchPause = 30_000; // an unknown key id makes it look for new keys, but not more often than this

/** The token is no good: answer 401. Any other error means that it could not be checked: answer 503. */
export class Refused extends Error {}

class Jwks {
  #keys = new Map();
  #freshUntil = 0;
  #nextFetch = 0;
  #fetching = null;

  constructor(url, algorithm) {
    this.url = url;
    this.algorithm = algorithm;
  }

  /** The key of this id; throws Refused when there is none. */
  async key(kid) {
    const now = Date.now();
    if (now >= this.#freshUntil || (!this.#keys.has(kid) && now >= this.#nextFetch)) {
      this.#fetching ??= this.#fetch().finally(() => (this.#fetching = null));
      await this.#fetching;
    }
    return this.#keys.get(kid) ?? refuse('unknown key');
  }

  async #fetch() {
    const response = await fetch(this.url, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
    if (!response.ok) throw new Error(`${this.url} answers ${response.status}`);
    const { keys } = await response.json();
    const usable = keys.filter(({ alg, kty }) => alg === this.algorithm && kty === algorithms[alg].kty);
    this.#keys = new Map(usable.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
    const seconds = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1] ?? 60;
    this.#freshUntil = Date.now() + Number(seconds) * 1000;
    this.#nextFetch = Date.now() + refetchPause;
  }
}

export class Verifier {
  constructor({ jwksUrl, algorithm, issuer, audience }) {
    if (!algorithms[algorithm] || !issuer || !audience) throw new Error('algorithm, issuer and audience are needed');
    Object.assign(this, { algorithm, issuer, audience, jwks: new Jwks(jwksUrl, algorithm) });
  }

  /** The claims of an access token that is good now; throws Refused for any other. */
  async verify(token) {
    const [header, payload, signature, ...rest] = token.split('.');
    if (!signature || rest.length > 0) refuse('malformed');
    // The algorithm is ours to choose: the header may only agree (RFC 8725, section 3.1).
    const { alg, kid } = decode(header);
    if (alg !== this.algorithm) refuse('wrong alg');
    const key = { key: await this.jwks.key(kid), dsaEncoding: algorithms[alg].dsaEncoding };
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) refuse('bad signature');
    return this.#check(decode(payload));
  }

  #check(claims) {
    if (claims.iss !== this.issuer) refuse('wrong issuer');
    if (![claims.aud].flat().includes(this.audience)) refuse('wrong audience');
    if (!(claims.exp > Date.now() / 1000 - leeway)) refuse('expired');
    if (claims.token_type !== 'access') refuse('wrong token type');
    if (typeof claims.user_id !== 'string') refuse('no user id');
    return claims;
  }
}

function decode(part) {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString()));
  } catch {
    refuse('malformed');
  }
}

function refuse(reason) {
  throw new Refused(reason);
}

function refusal(error) {
  if (error instanceof Refused) return { refused: error.message };
  throw error;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { JWKS_URL: jwksUrl, JWT_ALGORITHM: algorithm, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = process.env;
  const verifier = new Verifier({ jwksUrl, algorithm, issuer, audience });
  for await (const token of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await verifier.verify(token).catch(refusal)));
  }
}
