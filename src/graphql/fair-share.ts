import { Budget } from '../common/budget.js';
import type { Clock } from '../common/clock.js';
import type { RequestContext } from '../common/context.js';
import { rateLimited } from '../common/errors.js';
import { networkOf } from '../common/network.js';
import type { Config } from '../config.js';

/** What operations may cost together, by the sender's network and by the user who is signed in, on this instance. */
export class FairShare {
  private readonly networks: Budget;
  private readonly users: Budget;

  constructor({ network, user }: Config['graphql']['costLimits'], clock: Clock) {
    this.networks = new Budget(network, clock);
    this.users = new Budget(user, clock);
  }

  /** Throws RATE_LIMITED for who has spent all. */
  charge(cost: number, { request, viewer }: Pick<RequestContext, 'request' | 'viewer'>): void {
    const wait =
      this.networks.spend(networkOf(request.ipAddress), cost) ||
      (viewer.kind === 'user' ? this.users.spend(viewer.id, cost) : 0);
    if (wait > 0) throw rateLimited(wait);
  }
}
