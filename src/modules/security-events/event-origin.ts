import type { RequestContext } from '../../common/context.js';
import type { EventOrigin } from './security-event.types.js';

/** Who sent the request and from where. */
export function originOf({ viewer, request }: Pick<RequestContext, 'viewer' | 'request'>): EventOrigin {
  const { ipAddress, userAgent } = request;
  return { actorId: viewer.kind === 'user' ? viewer.id : null, ipAddress, userAgent };
}
