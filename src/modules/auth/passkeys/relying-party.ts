import { productName } from '../../../common/mailbox.js';
import type { Config } from '../../../config.js';

/** Who asks for passkeys, as browsers know it (WebAuthn level 3, section 4). */
export interface RelyingParty {
  /** The domain that passkeys belong to. */
  readonly id: string;
  readonly name: string;
  /** Where they may be made and used. */
  readonly origins: readonly string[];
}

/** The host of PUBLIC_URL, its origin, and those of CORS_ORIGINS that are on this host or below it. */
export function relyingPartyOf({ http, mail }: Pick<Config, 'http' | 'mail'>): RelyingParty {
  const { hostname: id, origin } = new URL(http.publicUrl);
  const others = http.corsOrigins.filter((other) => isOn(new URL(other), id));
  return { id, name: productName(mail.from), origins: [...new Set([origin, ...others])] };
}

/** Pages of browsers alone: an app's own scheme has no domain. */
function isOn({ protocol, hostname }: URL, domain: string): boolean {
  return /^https?:$/.test(protocol) && (hostname === domain || hostname.endsWith(`.${domain}`));
}
