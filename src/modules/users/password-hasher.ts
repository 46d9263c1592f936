import { randomBytes } from 'node:crypto';
import { argon2id, hash, needsRehash, verify } from 'argon2';
import { overloaded } from '../../common/errors.js';

/** Stands in place of a hash where no password is right until another one is chosen, as Django has it. */
export const unusablePassword = '!';

/** What one hash costs. */
export interface Argon2Parameters {
  /** In KiB. */
  readonly memoryCost: number;
  /** In passes over the memory. */
  readonly timeCost: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
export const argon2Parameters: Argon2Parameters = { memoryCost: 19_456, timeCost: 2 };

const parallelism = 1;
const ownHashes = /^\$argon2id\$/;
const retryAfter = 1000;

export interface PasswordVerdict {
  readonly valid: boolean;
  /** The password was right, but its hash is of other parameters than today's. */
  readonly needsRehash: boolean;
}

export interface PasswordHashingLimits {
  /** How many hashes run at a time; each takes a core and 19 MiB. */
  readonly concurrency: number;
  /** How many more wait; the next one is refused with SERVICE_UNAVAILABLE. */
  readonly queue: number;
}

export interface HashingLoad {
  readonly running: number;
  readonly waiting: number;
  /** How many found the queue full, since the start. */
  readonly refused: number;
}

/** Hashes and checks passwords, a bounded number at a time; every check costs one hash, whatever it is given. */
export class PasswordHasher {
  private readonly limits: PasswordHashingLimits;
  private readonly parameters: Argon2Parameters & { type: typeof argon2id; parallelism: number };
  private readonly waiting: (() => void)[] = [];
  /** A well-formed hash of nothing: no password that gives these random bytes is known to anybody. */
  private readonly unmatched: string;
  private running = 0;
  private refused = 0;

  constructor(limits: PasswordHashingLimits, parameters = argon2Parameters) {
    this.limits = limits;
    this.parameters = { ...parameters, type: argon2id, parallelism };
    this.unmatched = unmatchedHash(parameters);
  }

  get load(): HashingLoad {
    const { running, waiting, refused } = this;
    return { running, waiting: waiting.length, refused };
  }

  /** A PHC string with its own salt. Throws SERVICE_UNAVAILABLE when too many wait already. */
  hash(password: string): Promise<string> {
    return this.run(() => hash(normalise(password), this.parameters));
  }

  /** Throws SERVICE_UNAVAILABLE when too many wait already; an unreadable hash matches no password. */
  verify(storedHash: string, password: string): Promise<PasswordVerdict> {
    return this.run(async () => {
      const valid = await this.matches(storedHash, normalise(password));
      return { valid, needsRehash: valid && needsRehash(storedHash, this.parameters) };
    });
  }

  /** Takes as long as `verify`: for a sign-in under a name that nobody has. */
  async verifyAgainstNothing(password: string): Promise<void> {
    await this.verify(this.unmatched, password);
  }

  private async matches(storedHash: string, password: string): Promise<boolean> {
    try {
      if (ownHashes.test(storedHash)) return await verify(storedHash, password);
    } catch {
      // Unreadable: it is answered like a wrong password, and as slowly.
    }
    await verify(this.unmatched, password);
    return false;
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < this.limits.concurrency) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= this.limits.queue) {
      this.refused += 1;
      throw overloaded(retryAfter);
    }
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** The place goes to the next in line and is free only when nobody waits, so that no newcomer slips in between. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}

/**
 * NFC (RFC 8265, section 4.2): the same password typed on two systems is the same bytes. Not NFKC, which also
 * makes characters equal that a user chose to be different, such as `²` and `2`.
 */
function normalise(password: string): string {
  return password.normalize('NFC');
}

function unmatchedHash({ memoryCost, timeCost }: Argon2Parameters): string {
  const [salt, output] = [randomBytes(16), randomBytes(32)].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${output}`;
}
