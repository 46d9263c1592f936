import type { Logger } from '../../../common/logger.js';
import type { Extensions, ExtensionUser } from '../extensions.js';
import type { Device } from '../sessions/refresh-token.queries.js';

/** Tells the extensions of sign-ins, beside the answer: neither their time nor their faults are the client's business. */
export class LoginHooks {
  constructor(
    private readonly extensions: Pick<Extensions, 'onLoginSuccess' | 'onLoginFailed'>,
    private readonly logger: Logger,
  ) {}

  /** The extension gets a copy: the row itself is still to be answered with. */
  succeeded(user: ExtensionUser, device: Device): void {
    this.run('onLoginSuccess', async () => this.extensions.onLoginSuccess?.({ ...user }, requestOf(device)));
  }

  failed(username: string, device: Device): void {
    this.run('onLoginFailed', async () => this.extensions.onLoginFailed?.({ username }, requestOf(device)));
  }

  private run(name: string, hook: () => Promise<void>): void {
    hook().catch((error: unknown) => this.logger.error({ err: error }, `The extension ${name} has failed.`));
  }
}

function requestOf({ ipAddress, userAgent }: Device): Device {
  return { ipAddress, userAgent };
}
