import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RefreshCookie } from '../common/context.js';

const cookieName = 'postern_refresh';

/** The refresh token's cookie of one request (OWASP Session Management Cheat Sheet), parsed only when it is asked for. */
export class HttpRefreshCookie implements RefreshCookie {
  private readonly request: FastifyRequest;
  private readonly reply: FastifyReply;
  private readonly attributes: CookieSerializeOptions;

  constructor(request: FastifyRequest, reply: FastifyReply, options: { secure: boolean }) {
    this.request = request;
    this.reply = reply;
    this.attributes = { httpOnly: true, sameSite: 'strict', path: '/graphql', secure: options.secure };
  }

  get value(): string | null {
    const header = this.request.headers.cookie;
    if (header === undefined) return null;
    return this.request.server.parseCookie(header)[cookieName] || null;
  }

  set(token: string, expiresAt: Date): void {
    this.reply.setCookie(cookieName, token, { ...this.attributes, expires: expiresAt });
  }

  clear(): void {
    this.reply.clearCookie(cookieName, this.attributes);
  }
}
