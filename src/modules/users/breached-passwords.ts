import { createHash } from 'node:crypto';
import { type Fetch, fetchFailure, fetchLimited } from '../../common/fetch-limited.js';

/** Knows the passwords that were in data breaches (OWASP ASVS 5, 6.2.12). */
export interface BreachedPasswords {
  /** Also false where nobody can tell. */
  has(password: string): Promise<boolean>;
}

const noBreachedPasswords: BreachedPasswords = { has: async () => false };

/** How many digits of the hash the service learns: some thousand passwords begin with the same ones. */
const prefixLength = 5;

const limits = {
  timeLimit: 2_000,
  byteLimit: 1_048_576,
  // With padding, the length of an answer does not tell which one it is.
  headers: { 'add-padding': 'true', accept: 'text/plain', 'user-agent': 'Postern' },
};

/**
 * A service that speaks the range protocol of Have I Been Pwned: it is told the beginning of the password's SHA-1, and
 * answers how all that it knows with that beginning go on. While it is away every password passes, with a warning.
 */
class BreachedPasswordRange implements BreachedPasswords {
  constructor(
    private readonly url: string,
    private readonly warn: (message: string) => void,
    private readonly fetch: Fetch = globalThis.fetch,
  ) {}

  async has(password: string): Promise<boolean> {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const rest = hash.slice(prefixLength);
    try {
      const answer = await fetchLimited(`${this.url}/${hash.slice(0, prefixLength)}`, limits, this.fetch);
      return answer.split(/\r?\n/).some((line) => isAbout(line.toUpperCase(), rest));
    } catch (error) {
      this.warn(`Breached passwords cannot be asked for, so a new one is not checked: ${fetchFailure(error)}.`);
      return false;
    }
  }
}

/** `<rest of the hash>:<how often it was seen>`; what was never seen is padding. */
function isAbout(line: string, rest: string): boolean {
  const [known, seen] = line.split(':');
  return known?.trim() === rest && Number(seen) > 0;
}

/** By BREACHED_PASSWORDS_URL; without it nobody is asked. */
export function createBreachedPasswords(url: string | null, warn: (message: string) => void): BreachedPasswords {
  return url === null ? noBreachedPasswords : new BreachedPasswordRange(url.replace(/\/+$/, ''), warn);
}
