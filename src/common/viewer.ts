import type { UnauthenticatedReason } from './errors.js';

export type Role = 'USER' | 'ADMIN';

/** Who is asking, as far as the access token proves it. */
export type Viewer = AnonymousViewer | UserViewer;

export interface AnonymousViewer {
  readonly kind: 'anonymous';
  /** Why; `UNAVAILABLE` when the token could not be checked because the database is away. */
  readonly reason: UnauthenticatedReason | 'UNAVAILABLE';
}

export interface UserViewer {
  readonly kind: 'user';
  readonly id: string;
  readonly role: Role;
  readonly sessionId: string;
  /** When the user last proved who they are; the epoch where the token does not tell. */
  readonly authenticatedAt: Date;
}
