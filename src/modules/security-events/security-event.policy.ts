import type { SecurityEvent } from './security-event.entity.js';

/** The event as the user sees it whom it happened to: where an admin sat who did it is the admin's own affair. */
export function asSeenByUser(event: SecurityEvent): SecurityEvent {
  const doneByAnother = event.actorId !== null && event.actorId !== event.userId;
  return doneByAnother ? { ...event, ipAddress: null, userAgent: null } : event;
}
