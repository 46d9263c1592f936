import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { type Mail, parseMail } from './mails.js';

/** What the server does with mails from now on. */
export type Behaviour =
  | 'accepts'
  /** Takes the connection and says nothing. */
  | 'never greets'
  /** Greets, and does not answer to a recipient. */
  | 'never answers'
  /** Does not answer to a recipient until `goOn`. */
  | 'waits'
  /** Cuts the connection while the text comes in. */
  | 'drops half way'
  /** Takes the mail, and cuts the connection before it says so. */
  | 'drops after the end'
  | Refusal;

/** An answer to a command, to DATA after the text; with `to`, for mails to that address only. */
export interface Refusal {
  readonly at: 'MAIL' | 'RCPT' | 'DATA';
  readonly code: number;
  readonly text?: string;
  readonly to?: string;
}

export interface MailServerOptions {
  /** The password that a login wants; without it, none is asked for. */
  readonly password?: string;
  readonly behaviour?: Behaviour;
}

/** A real SMTP server in this process. */
export class MailServer {
  behaviour: Behaviour;
  /** What it took, in the order of arrival. */
  readonly mails: Mail[] = [];
  /** How many connections were made to it. */
  connections = 0;
  readonly #password: string | undefined;
  readonly #sockets = new Set<Socket>();
  #server: SMTPServer | null = null;
  #port = 0;
  #stalled = Promise.withResolvers<void>();
  #goOn = Promise.withResolvers<void>();
  #arrived = Promise.withResolvers<void>();

  constructor({ password, behaviour = 'accepts' }: MailServerOptions) {
    this.#password = password;
    this.behaviour = behaviour;
  }

  /** SMTP_URL; stays the same when the server is stopped and started. */
  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves with the next connection or recipient that it does not answer, or text that it cuts off. */
  nextStall(): Promise<void> {
    this.#stalled = Promise.withResolvers();
    return this.#stalled.promise;
  }

  /** Resolves when it takes the next mail. */
  nextMail(): Promise<void> {
    this.#arrived = Promise.withResolvers();
    return this.#arrived.promise;
  }

  /** Ends the waiting. */
  goOn(): void {
    this.behaviour = 'accepts';
    this.#goOn.resolve();
    this.#goOn = Promise.withResolvers();
  }

  /** Resolves when nobody is connected any more. */
  async allGone(): Promise<void> {
    for (const socket of this.#sockets) if (!socket.closed) await once(socket, 'close');
  }

  /** The addresses of what it took, in their order. */
  get recipients(): string[] {
    return this.mails.map(({ to }) => to).toSorted();
  }

  /** On the port that it had; nothing if it runs. */
  async start(): Promise<void> {
    if (this.#server !== null) return;
    const server = this.#make();
    server.on('error', () => undefined);
    server.server.on('connection', (socket: Socket) => this.#track(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server.server, 'listening');
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Cuts every connection, and nobody listens until it is started again. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(resolve));
    this.#cutAll();
    await closed;
  }

  #make(): SMTPServer {
    return new SMTPServer({
      authOptional: this.#password === undefined,
      allowInsecureAuth: true,
      disabledCommands: this.#password === undefined ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 1,
      onConnect: (_session, callback) => {
        if (this.behaviour === 'never greets') this.#stalled.resolve();
        else callback();
      },
      onAuth: ({ password }, _session, callback) => {
        if (password === this.#password) callback(null, { user: 'postern' });
        else callback(Object.assign(new Error('5.7.8 wrong password'), { responseCode: 535 }));
      },
      onMailFrom: (_address, _session, callback) => callback(this.#refusalAt('MAIL', '')),
      onRcptTo: ({ address }, _session, callback) => {
        this.#atRecipient().then(() => callback(this.#refusalAt('RCPT', address)));
      },
      onData: (stream, { envelope }, callback) => {
        if (this.behaviour === 'drops half way') {
          this.#cutAll();
          this.#stalled.resolve();
          return;
        }
        const to = envelope.rcptTo.map(({ address }) => address).join(', ');
        this.#take(stream, to).then(callback, callback);
      },
    });
  }

  async #atRecipient(): Promise<void> {
    const { behaviour } = this;
    if (behaviour !== 'waits' && behaviour !== 'never answers') return;
    const answer = behaviour === 'waits' ? this.#goOn.promise : new Promise<void>(() => undefined);
    this.#stalled.resolve();
    await answer;
  }

  async #take(stream: NodeJS.ReadableStream, to: string): Promise<Error | null> {
    const source = await buffer(stream);
    const refusal = this.#refusalAt('DATA', to);
    if (refusal) return refusal;
    this.mails.push(await parseMail(source));
    this.#arrived.resolve();
    if (this.behaviour === 'drops after the end') this.#cutAll();
    return null;
  }

  #refusalAt(command: Refusal['at'], to: string): Error | null {
    const { behaviour } = this;
    if (typeof behaviour === 'string' || behaviour.at !== command) return null;
    if (behaviour.to !== undefined && behaviour.to !== to) return null;
    return Object.assign(new Error(behaviour.text ?? `no to ${to}`), { responseCode: behaviour.code });
  }

  #track(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Starts one on a free port. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const server = new MailServer(options);
  await server.start();
  return server;
}
