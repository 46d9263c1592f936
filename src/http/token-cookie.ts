import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenCookie } from '../common/context.js';

export const refreshCookieName = 'postern_refresh';
export const deviceCookieName = 'postern_device';

/** A token's cookie of one request (OWASP Session Management Cheat Sheet), parsed only when it is asked for. */
export class HttpTokenCookie implements TokenCookie {
  private readonly request: FastifyRequest;
  private readonly reply: FastifyReply;
  private readonly name: string;
  private readonly attributes: CookieSerializeOptions;

  constructor(request: FastifyRequest, reply: FastifyReply, name: string, options: { secure: boolean }) {
    this.request = request;
    this.reply = reply;
    this.name = name;
    this.attributes = { httpOnly: true, sameSite: 'strict', path: '/graphql', secure: options.secure };
  }

  get value(): string | null {
    const header = this.request.headers.cookie;
    if (header === undefined) return null;
    return this.request.server.parseCookie(header)[this.name] || null;
  }

  set(token: string, expiresAt: Date): void {
    this.reply.setCookie(this.name, token, { ...this.attributes, expires: expiresAt });
  }

  clear(): void {
    this.reply.clearCookie(this.name, this.attributes);
  }
}
