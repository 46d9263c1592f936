import { isIP, isIPv4, SocketAddress } from 'node:net';
import type { FastifyRequest, FastifyServerOptions } from 'fastify';
import type { RequestInfo } from '../common/context.js';
import type { Config, TrustProxy } from '../config.js';

const unknownAddress = '0.0.0.0';

/** What a session or a security event may keep of a client's own words. */
const maxUserAgentLength = 512;

type FastifyTrustProxy = NonNullable<FastifyServerOptions['trustProxy']>;

/** TRUST_PROXY in Fastify's terms; a number of hops as a function, for Fastify trusts nobody when given the number. */
export function toFastifyTrustProxy(trustProxy: TrustProxy): FastifyTrustProxy {
  if (trustProxy === false) return false;
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy;
  return [...trustProxy];
}

/** Makes the reader of what a request tells of its sender. */
export function requestInfoReader(http: Config['http']): (request: FastifyRequest) => RequestInfo {
  const allowedOrigins = new Set([...http.corsOrigins, new URL(http.publicUrl).origin]);
  return (request) => ({
    id: request.id,
    ipAddress: clientAddress(request),
    userAgent: request.headers['user-agent']?.slice(0, maxUserAgentLength) ?? null,
    originAllowed: originAllowed(request, allowedOrigins),
  });
}

function originAllowed(request: FastifyRequest, allowedOrigins: ReadonlySet<string>): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return allowedOrigins.has(origin) || origin === ownOrigin(request);
}

/** As browsers spell it: in lower case and without the scheme's own port. */
function ownOrigin({ protocol, host }: FastifyRequest): string | undefined {
  return URL.parse(`${protocol}://${host}`)?.origin;
}

/** The forwarded address where it is one, else the socket's; always in its one canonical spelling. */
function clientAddress(request: FastifyRequest): string {
  return canonical(request.ip) ?? canonical(request.socket.remoteAddress) ?? unknownAddress;
}

/** Some proxies forward the client's port with its address. */
const withPort = /^(?:\[(?<v6>[^\]]+)\](?::\d+)?|(?<v4>[\d.]+):\d+)$/;

function canonical(address: string | undefined): string | null {
  const { v4, v6 } = withPort.exec(address ?? '')?.groups ?? {};
  const bare = (v4 ?? v6 ?? address)?.split('%')[0] ?? '';
  if (isIPv4(bare)) return bare;
  if (isIP(bare) === 0) return null;
  const spelled = new SocketAddress({ family: 'ipv6', address: bare }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(spelled)?.[1] ?? spelled;
}
