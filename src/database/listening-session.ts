import { Socket } from 'node:net';
import { Client } from 'pg';
import { connectTimeout } from './options.js';

/** Milliseconds between heartbeats. */
const heartbeatInterval = 400;

/** How old the proof of being current may grow, in milliseconds. */
const staleness = 1_000;

/** How long a polite farewell may take before the socket is cut, in milliseconds. */
const farewell = 250;

/**
 * One connection that listens, with the proof that it does.
 *
 * PostgreSQL signals the listening backends before it acknowledges the commit of a NOTIFY, and a backend sends what
 * it was notified of before it reports itself ready after a query. So the answer to a heartbeat that was sent after a
 * commit comes behind that commit's notifications: an answered heartbeat proves delivery up to the time it was sent.
 */
export class ListeningSession {
  private readonly client: Client;
  private readonly socket = new Socket();
  private readonly channel: string;
  private readonly end = Promise.withResolvers<never>();
  private isLost = false;
  private whenLost: () => void = () => undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private unansweredSince: number | null = null;
  /** When the last heartbeat that was answered had been sent, by the monotonic clock. */
  private provenAt = Number.NEGATIVE_INFINITY;

  constructor(url: string, channel: string, onMessage: (payload: string) => void) {
    this.channel = channel;
    this.end.promise.catch(() => undefined);
    this.client = new Client({
      connectionString: url,
      application_name: 'postern-listener',
      connectionTimeoutMillis: connectTimeout,
      keepAlive: true,
      // Ours, so that a connection that no longer answers can be cut without asking it.
      stream: () => this.socket,
    });
    this.client.on('notification', ({ payload }) => onMessage(payload ?? ''));
    this.client.on('error', (error) => this.lose(error));
    this.client.on('end', () => this.lose(new Error('the listening connection has ended')));
  }

  /** Rejects when the connection is lost or closed. */
  get lost(): Promise<never> {
    return this.end.promise;
  }

  /** Resolves when LISTEN is active. */
  async open(): Promise<void> {
    await Promise.race([this.client.connect(), this.lost]);
    this.heartbeat = setInterval(() => this.beat(), heartbeatInterval).unref();
    await Promise.race([this.prove(`listen ${this.client.escapeIdentifier(this.channel)}`), this.lost]);
  }

  assertOpen(): void {
    if (this.isLost) throw new Error('the listening connection was lost while state was loaded');
  }

  onLost(callback: () => void): void {
    this.whenLost = callback;
  }

  isCurrent(): boolean {
    return !this.isLost && performance.now() - this.provenAt <= staleness;
  }

  /** Ends the connection, without waiting for a server that does not answer. */
  async close(): Promise<void> {
    const cut = setTimeout(() => this.socket.destroy(), farewell);
    this.lose(new Error('the listening connection was closed'));
    await this.client.end().catch(() => undefined);
    clearTimeout(cut);
    this.socket.destroy();
  }

  private beat(): void {
    if (this.unansweredSince === null) {
      this.prove('select 1').catch((error: Error) => this.lose(error));
      return;
    }
    // Judged only after pending input: if this process itself was busy, the answer may lie there unread.
    setImmediate(() => this.loseIfSilent());
  }

  private loseIfSilent(): void {
    if (this.unansweredSince === null || performance.now() - this.unansweredSince < staleness) return;
    this.lose(new Error('the listening connection no longer answers'));
  }

  private async prove(statement: string): Promise<void> {
    const sentAt = performance.now();
    this.unansweredSince = sentAt;
    await this.client.query(statement);
    this.unansweredSince = null;
    this.provenAt = sentAt;
  }

  private lose(error: Error): void {
    if (this.isLost) return;
    this.isLost = true;
    clearInterval(this.heartbeat);
    this.whenLost();
    this.end.reject(error);
  }
}
