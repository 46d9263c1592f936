import type { InjectOptions } from 'fastify';
import type { TestApp } from '../../support/app.js';
import { passwordOf, type TestClient } from '../../support/client.js';
import { learn } from './knowledge.js';
import type { Known } from './values.js';

export const callerNames = ['anonymous', 'user', 'admin'] as const;
type CallerName = (typeof callerNames)[number];

const day = 86_400_000;

/** Somebody who sends operations, and is there again after one that has ended their session or their account. */
export class Caller {
  #token: string | null = null;
  #known: Known | null = null;
  readonly #username: string;
  readonly #role: 'USER' | 'ADMIN';

  constructor(
    private readonly instance: TestApp,
    readonly name: CallerName,
    /** Shows what only admins see; nobody else knows this one. */
    private readonly witness: TestClient,
  ) {
    this.#username = `a.${name}`;
    this.#role = name === 'admin' ? 'ADMIN' : 'USER';
  }

  /** What can be known by now, or where it has to be good once more, as after the first sign-in; whoever sends as nobody knows what a victim does. */
  async knowledge(fresh: boolean): Promise<Known> {
    if (this.#known === null || fresh) this.#known = await this.#begin();
    return this.#known;
  }

  /** The request as theirs. */
  signed(request: InjectOptions): InjectOptions {
    if (this.#token === null) return request;
    return { ...request, headers: { ...request.headers, authorization: `Bearer ${this.#token}` } };
  }

  /** Whether they are still who they were. */
  async isThere(): Promise<boolean> {
    if (this.name === 'anonymous') return true;
    const { data } = await this.#client().query<{ me: { role: string } | null } | null>('{ me { role active } }');
    return data?.me?.role === this.#role;
  }

  async comeBack(): Promise<void> {
    await this.#register();
    await this.#signIn();
  }

  async #begin(): Promise<Known> {
    // All limits begin anew as well.
    this.instance.clock.advance(2 * day);
    await this.witness.signIn('witness');
    await this.#register();
    const known = await learn(this.instance, this.#username, this.witness);
    await this.#signIn();
    return known;
  }

  async #signIn(): Promise<void> {
    if (this.name !== 'anonymous') this.#token = (await this.instance.client().signIn(this.#username)).accessToken;
  }

  #client(): TestClient {
    return Object.assign(this.instance.client(), { token: this.#token });
  }

  /** In place of whoever has the name or the address by now. */
  async #register(): Promise<void> {
    const { app } = this.instance;
    const input = {
      username: this.#username,
      email: `${this.#username}@example.com`,
      password: passwordOf(this.#username),
    };
    await app.database
      .fork()
      .execute('delete from users where lower(username) = ? or lower(email) = ?', [input.username, input.email]);
    await app.services.users.register(app.database.fork(), input, this.#role);
  }
}
