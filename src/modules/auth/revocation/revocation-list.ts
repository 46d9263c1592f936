/** What an access token must state to be held against the list. */
export interface RevocableClaims {
  readonly sessionId: string;
  readonly userId: string;
  readonly tokenVersion: number;
}

interface Versioned {
  readonly minimum: number;
  readonly forgetAt: number;
}

/**
 * The sessions that ended and the users whose rights changed, kept in memory for as long as an access token from before
 * can live. Maps keep the order of insertion, so the oldest entries are found first.
 */
export class RevocationList {
  private readonly sessions = new Map<string, number>();
  private readonly users = new Map<string, Versioned>();

  /**
   * `retention` in milliseconds: at least an access token's lifetime with its leeway. It is measured by a clock that
   * nobody sets: a calendar clock that jumps ahead and back would revive what it made the list forget.
   */
  constructor(
    private readonly retention: number,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  endSession(sessionId: string): void {
    this.sessions.delete(sessionId);
    this.sessions.set(sessionId, this.forgetAt());
    this.forget();
  }

  /** Refuses the user's access tokens of any version below the minimum. */
  raiseTokenVersion(userId: string, minimum: number): void {
    const known = this.users.get(userId)?.minimum ?? 0;
    this.users.delete(userId);
    this.users.set(userId, { minimum: Math.max(known, minimum), forgetAt: this.forgetAt() });
    this.forget();
  }

  hasEnded(sessionId: string): boolean {
    return this.sessions.has(sessionId);
  }

  isRevoked({ sessionId, userId, tokenVersion }: RevocableClaims): boolean {
    if (this.hasEnded(sessionId)) return true;
    const versioned = this.users.get(userId);
    return versioned !== undefined && tokenVersion < versioned.minimum;
  }

  private forgetAt(): number {
    return this.elapsed() + this.retention;
  }

  private forget(): void {
    const now = this.elapsed();
    for (const [sessionId, forgetAt] of this.sessions) {
      if (forgetAt > now) break;
      this.sessions.delete(sessionId);
    }
    for (const [userId, { forgetAt }] of this.users) {
      if (forgetAt > now) break;
      this.users.delete(userId);
    }
  }
}
