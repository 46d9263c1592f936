import type { RequestContext } from '../../common/context.js';
import type { EventOrigin } from './security-event.types.js';

/** The origin of what a request does. */
export interface RequestOrigin extends EventOrigin {
  readonly ipAddress: string;
}

/** Who sent the request and from where. */
export function originOf({ viewer, request }: Pick<RequestContext, 'viewer' | 'request'>): RequestOrigin {
  const { ipAddress, userAgent } = request;
  return { actorId: viewer.kind === 'user' ? viewer.id : null, ipAddress, userAgent };
}
