import { type PosternError, serviceUnavailable, unauthenticated } from './errors.js';
import type { AnonymousViewer, UserViewer, Viewer } from './viewer.js';

/** How long to wait before a token is sent again that could not be checked, in milliseconds. */
const retryAfter = 1_000;

/** What an anonymous caller is told where a user is needed: why the token did not do, if there was one. */
export function refusalOf({ reason }: AnonymousViewer): PosternError {
  return reason === 'UNAVAILABLE' ? serviceUnavailable(retryAfter) : unauthenticated(reason);
}

/** Narrows the viewer to a user; throws UNAUTHENTICATED, or SERVICE_UNAVAILABLE if the token could not be checked. */
export function requireUser(viewer: Viewer): UserViewer {
  if (viewer.kind === 'user') return viewer;
  throw refusalOf(viewer);
}
