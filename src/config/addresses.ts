import { isIP } from 'node:net';
import { z } from 'zod';
import { hasStrayPassword } from './masks.js';
import { list, type Parser, parser, readInteger, splitList } from './parsers.js';
import type { TrustProxy } from './types.js';

/** What Apollo's explorers run on; a browser there may call a server that is not in production. */
export const explorerOrigins = 'https://studio.apollographql.com,https://sandbox.embed.apollographql.com';

/** Where to listen: an IP address or a host name. */
export const host: Parser<string> = parser('must be an IP address or a host name, without port or brackets', (text) =>
  isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text) ? text : undefined,
);

/** Origins as browsers spell them in the `Origin` header (RFC 6454, section 6.2), each once. */
export const origins: Parser<string[]> = list(
  'must be an exact origin, scheme://host[:port], without path or wildcard',
  readOrigin,
).transform((all) => [...new Set(all)]);

/** The rule of TRUST_PROXY; `true` is one hop. */
export const trustProxy: Parser<TrustProxy> = parser(
  'must be true, false, a number of hops up to 100, or a comma-separated list of IP addresses and networks in CIDR form',
  readTrustProxy,
);

/** The address of this server as its users see it, without a slash at its end. */
export const publicUrl: z.ZodType<string, string> = parser(
  'must be an http:// or https:// URL without user, query or fragment',
  (text) => {
    const url = readUrl(text, ['http:', 'https:']);
    if (url === undefined || /[?#@]/.test(text)) return undefined;
    return url.href.replace(/\/+$/, '');
  },
);

/** Without a fragment, and without user and password, which fetch refuses. */
export const jwkUrl: z.ZodType<string, string> = parser(
  'must be an http:// or https:// URL without user and fragment',
  (text) => {
    const url = readUrl(text, ['http:', 'https:']);
    return url === undefined || /[#@]/.test(text) ? undefined : url.href;
  },
);

export const databaseUrl: z.ZodType<string, string> = serviceUrl(['postgres:', 'postgresql:'], { hostNeeded: false });
export const smtpUrl: z.ZodType<string, string> = serviceUrl(['smtp:', 'smtps:'], { hostNeeded: true });

/** An address, or a name with the address in angle brackets (RFC 5322, section 3.4). */
export const mailbox: z.ZodType<string, string> = parser(
  'must be an e-mail address, or one with a name: Postern <postern@example.com>',
  (text) => {
    const address = /^[^<>\p{Cc}]* <([^<>]+)>$/u.exec(text)?.[1] ?? text;
    return z.email().safeParse(address).success ? text : undefined;
  },
);

/** A URL that may carry a password. */
function serviceUrl(protocols: readonly string[], { hostNeeded }: { hostNeeded: boolean }): z.ZodType<string, string> {
  const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ');
  return parser(`must be a ${schemes} URL, special characters of its password percent-encoded`, (text) => {
    const url = readUrl(text, protocols);
    if (!url || (hostNeeded && url.hostname === '')) return undefined;
    return hasStrayPassword(url) || !isPercentEncoded(text) ? undefined : text;
  });
}

/** Drivers decode user and password, and fail at start with a `%` that encodes nothing. */
function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

function readUrl(text: string, protocols: readonly string[]): URL | undefined {
  const url = /^[a-z]+:\/\/[\x21-\x7e]*$/i.test(text) ? URL.parse(text) : null;
  return url && protocols.includes(url.protocol) ? url : undefined;
}

function readOrigin(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/\\?#@*]+$/i.test(text)) return undefined;
  const url = URL.parse(text);
  if (!url || url.host === '') return undefined;
  // Apps' own schemes (`capacitor://localhost`) have no origin in the URL standard, yet web views send them as one.
  return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
}

function readTrustProxy(text: string): TrustProxy | undefined {
  if (text === 'false') return false;
  if (text === 'true') return 1;
  const hops = readInteger(text);
  if (hops !== undefined) return hops > 100 ? undefined : hops || false;
  const networks = splitList(text);
  return networks.length > 0 && networks.every(isNetwork) ? networks : undefined;
}

/** A prefix of 0 is everybody, which Fastify refuses too. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (prefix === undefined) return true;
  const bits = readInteger(prefix) ?? 0;
  return bits >= 1 && bits <= (version === 4 ? 32 : 128);
}
