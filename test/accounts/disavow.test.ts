import { attempt, codeOf, execute, minute, reasonOf, second } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import type { Pair, TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { type Mail, tokenIn } from '../support/mails.js';
import {
  day,
  linkTo,
  mailsAbout,
  type Newcomer,
  newcomer,
  subjects,
  verifiedNewcomer,
  verifyEmail,
} from './support.js';

const disavow = 'mutation ($token: String!) { disavow(token: $token) }';
const changePassword = `mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) { accessToken refreshToken }
}`;
const changeEmail = 'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) }';
const resetPassword = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';
const another = 'another long sentence';

describe.each(testDatabaseKinds)('“this was not me”, on %s', (kind) => {
  let instance: TestApp;
  let count = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const say = (token: string) => instance.client().query<{ disavow: boolean } | null>(disavow, { token });
  const noticesTo = async (address: string): Promise<Mail[]> =>
    (await mailsAbout(instance, address, /./)).filter(({ text }) => text.includes('/not-me#token='));
  const firstNotice = async (address: string): Promise<string> => {
    const [notice] = await noticesTo(address);
    if (notice === undefined) throw new Error(`There is no notice to ${address}.`);
    return tokenIn(notice);
  };

  /** Somebody who signs in with the password of somebody else. */
  class Thief {
    password: string;
    address: string;
    refreshToken: string;
    readonly client: TestClient;

    constructor({ password, address }: Newcomer, client: TestClient, { refreshToken }: Pair) {
      this.password = password;
      this.address = address;
      this.client = client;
      this.refreshToken = refreshToken;
    }

    static async of(victim: Newcomer): Promise<Thief> {
      instance.clock.advance(minute);
      const client = instance.client('203.0.113.66');
      return new Thief(victim, client, await client.signIn(victim.name, victim.password));
    }

    async renew(): Promise<void> {
      const { data } = await this.client.refresh(this.refreshToken);
      this.keep(data?.refreshToken);
    }

    async changePassword(): Promise<void> {
      const input = { currentPassword: this.password, newPassword: another };
      const { changePassword: pair } = await this.client.data<{ changePassword: Pair }>(changePassword, { input });
      this.password = another;
      this.keep(pair);
    }

    async changeAddress(): Promise<void> {
      this.address = `thief${++count}@example.org`;
      await this.client.data(changeEmail, { input: { newEmail: this.address, password: this.password } });
      instance.clock.advance(second);
      const token = await linkTo(instance, this.address, subjects.verifyNew);
      await this.client.data(verifyEmail, { token });
      await this.renew();
    }

    /** As a confirmed factor and a passkey are written down, and told of. */
    async addFactors(): Promise<void> {
      const { me } = await this.client.data<{ me: { id: string; username: string; email: string } }>(
        '{ me { id username email } }',
      );
      const now = new Date(instance.clock.now()).toISOString();
      const user = { ...me, emailVerifiedAt: new Date() };
      const device = { ipAddress: '203.0.113.66', userAgent: null };
      const passkey = await execute<{ id: string }>(
        instance,
        `insert into passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
         values (gen_random_uuid(), '${me.id}', sha256('${me.id}'), '', 0, '{}', false, 'mine', '${now}') returning id`,
      );
      await instance.app.database.fork().transactional(async (tx) => {
        await tx.execute(`insert into second_factors values ('${me.id}', 'TOTP', '', 0, '${now}')`);
        await tx.execute(`insert into recovery_codes values ('${me.id}', 'a code')`);
        await tx.execute(
          `insert into remembered_devices values (gen_random_uuid(), '${me.id}', sha256('d${me.id}'), '${now}', '${now}', '${now}')`,
        );
        const { notifier, revoker } = instance.app.services;
        await notifier.notify(tx, user, 'secondFactorAdded', device, { method: 'TOTP' }, { removeFactor: 'TOTP' });
        const undo = { removePasskey: passkey[0]?.id ?? '' };
        await notifier.notify(tx, user, 'passkeyAdded', device, { name: 'mine' }, undo);
        const target = { userId: me.id, sessionId: sidOf(this.client.token) };
        await revoker.revoke(tx, 'SECOND_FACTOR_CHANGED', target, { ...device, actorId: me.id }, 'TOTP');
      });
    }

    private keep(pair: Pick<Pair, 'accessToken' | 'refreshToken'> | undefined): void {
      if (pair === undefined) throw new Error('The thief got no tokens.');
      this.client.token = pair.accessToken;
      this.refreshToken = pair.refreshToken;
    }
  }

  const sidOf = (token: string | null): string =>
    JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()).sid;

  type Deed = 'changePassword' | 'changeAddress' | 'addFactors';
  const orders: Deed[][] = [
    ['changePassword', 'changeAddress', 'addFactors'],
    ['changePassword', 'addFactors', 'changeAddress'],
    ['changeAddress', 'changePassword', 'addFactors'],
    ['changeAddress', 'addFactors', 'changePassword'],
    ['addFactors', 'changePassword', 'changeAddress'],
    ['addFactors', 'changeAddress', 'changePassword'],
  ];

  const things = ['second_factors', 'recovery_codes', 'passkeys', 'remembered_devices'];

  test.each(orders.map((order) => [order]))(
    'takes from a thief what %j has won them, by the first notice',
    async (order) => {
      const victim = await verifiedNewcomer(instance);
      const thief = await Thief.of(victim);
      for (const deed of order) {
        instance.clock.advance(minute);
        await thief[deed]();
      }
      const notices = await noticesTo(thief.address);
      instance.clock.advance(day);
      expect((await say(await firstNotice(victim.address))).data).toEqual({ disavow: true });

      expect((await thief.client.error('{ me { id } }')).extensions.code).toBe('UNAUTHENTICATED');
      expect(codeOf(await thief.client.refresh(thief.refreshToken))).toBe('TOKEN_NOT_VALID');
      for (const name of [victim.name, victim.address, thief.address]) {
        for (const password of [thief.password, victim.password]) {
          expect(codeOf(await attempt(instance.client(), name, password))).toBe('INVALID_CREDENTIALS');
        }
      }
      for (const table of things) {
        expect(await execute(instance, `select 1 from ${table} where user_id = '${victim.id}'`)).toEqual([]);
      }
      // The thief's own notices, of which they got some once the address was theirs, bring nothing back.
      for (const notice of notices) expect(reasonOf(await say(tokenIn(notice)))).toBe('REVOKED');

      const token = await linkTo(instance, victim.address, subjects.reset);
      const input = { token, newPassword: 'the victim has it back' };
      expect(await instance.client().data(resetPassword, { input })).toEqual({ resetPassword: true });
      await victim.client.signIn(victim.name, input.newPassword);
      expect(await victim.client.data('{ me { username email emailVerified } }')).toEqual({
        me: { username: victim.name, email: victim.address, emailVerified: true },
      });
    },
  );

  test('gives a user name back that is the address', async () => {
    const address = `name${++count}@example.com`;
    const password = 'a long sentence is best';
    const input = { username: address, email: address, password };
    const { register } = await instance
      .client()
      .data<{ register: { id: string } }>('mutation ($input: RegisterInput!) { register(input: $input) { id } }', {
        input,
      });
    await instance.client().data(verifyEmail, { token: await linkTo(instance, address, subjects.verify) });
    const thief = await Thief.of({ ...register, client: instance.client(), name: address, address, password });
    await thief.changeAddress();
    await say(await firstNotice(address));
    const names = await execute(instance, `select username, email from users where id = '${register.id}'`);
    expect(names).toEqual([{ username: address, email: address }]);
  });

  test('of a change that was only asked for ends its link', async () => {
    const victim = await verifiedNewcomer(instance);
    const thief = await Thief.of(victim);
    const newEmail = `thief${++count}@example.org`;
    await thief.client.data(changeEmail, { input: { newEmail, password: victim.password } });
    const token = await linkTo(instance, newEmail, subjects.verifyNew);
    await say(await firstNotice(victim.address));
    expect((await thief.client.error(verifyEmail, { token })).extensions.reason).toBe('REVOKED');
  });

  test('leaves alone what was there before, and the notices before', async () => {
    const victim = await verifiedNewcomer(instance);
    const input = { currentPassword: victim.password, newPassword: another };
    await victim.client.data(changePassword, { input });
    const early = await firstNotice(victim.address);
    instance.clock.advance(day);
    await victim.client.signIn(victim.name, another);
    const owner = await Thief.of({ ...victim, password: another });
    await owner.addFactors();
    const notices = (await noticesTo(victim.address)).map(tokenIn).filter((token) => token !== early);
    instance.clock.advance(120 * second);
    // In the owner's own session, for the factors keep a thief from one of their own.
    await owner.changePassword();
    const late = (await noticesTo(victim.address)).map(tokenIn).find((one) => one !== early && !notices.includes(one));
    await say(late ?? '');
    const left = await Promise.all(
      ['second_factors', 'recovery_codes', 'passkeys'].map((table) =>
        execute(instance, `select 1 from ${table} where user_id = '${victim.id}'`),
      ),
    );
    expect(left.map((rows) => rows.length)).toEqual([1, 1, 1]);
    for (const notice of notices)
      expect(codeOf(await say(notice))).toBe(notice === notices[0] ? 'OK' : 'TOKEN_NOT_VALID');
  });

  test('gives an address that nobody has verified nothing back: it may be a stranger’s, by a slip of the keyboard', async () => {
    const user = await newcomer(instance);
    const right = `right${++count}@example.com`;
    await user.client.data(changeEmail, { input: { newEmail: right, password: user.password } });
    instance.clock.advance(second);
    await user.client.data(verifyEmail, { token: await linkTo(instance, right, subjects.verifyNew) });
    expect(codeOf(await say(await firstNotice(user.address)))).toBe('OK');
    const token = await linkTo(instance, right, subjects.reset);
    expect(await mailsAbout(instance, user.address, subjects.reset)).toEqual([]);
    await instance.client().data(resetPassword, { input: { token, newPassword: another } });
    await user.client.signIn(right, another);
    expect(await user.client.data('{ me { email } }')).toEqual({ me: { email: right } });
  });

  test('is recorded', async () => {
    const victim = await verifiedNewcomer(instance);
    const thief = await Thief.of(victim);
    await thief.changeAddress();
    instance.clock.advance(second);
    await say(await firstNotice(victim.address));
    const events = await execute<{ type: string }>(
      instance,
      `select type from security_events where user_id = '${victim.id}' order by created_at, id`,
    );
    expect(
      events
        .map(({ type }) => type)
        .slice(-3)
        .sort(),
    ).toEqual(['disavowed', 'email_changed', 'email_changed']);
  });

  test('can be said once by one link, also at the same instant, and for seven days', async () => {
    const victim = await verifiedNewcomer(instance);
    const change = async (currentPassword: string, newPassword: string) => {
      const { changePassword: pair } = await victim.client.data<{ changePassword: Pair }>(changePassword, {
        input: { currentPassword, newPassword },
      });
      victim.client.token = pair.accessToken;
    };
    await change(victim.password, another);
    const first = await firstNotice(victim.address);
    instance.clock.advance(7 * day);
    expect(reasonOf(await say(first))).toBe('EXPIRED');
    await victim.client.signIn(victim.name, another);
    await change(another, 'a third long sentence');
    const second = tokenIn((await noticesTo(victim.address)).at(-1) ?? { text: '' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => say(second)));
    expect(answers.map(reasonOf).sort()).toEqual(['OK', ...Array(9).fill('REVOKED')]);
    expect(await mailsAbout(instance, victim.address, subjects.reset)).toHaveLength(1);
  });

  test.each([
    ['no token', '', 'MALFORMED'],
    ['a token that nobody made', 'A'.repeat(43), 'REVOKED'],
  ])('is refused to %s', async (_what, token, reason) => {
    expect((await say(token)).errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason });
  });

  test('works for an account that was closed since, without opening it', async () => {
    const victim = await verifiedNewcomer(instance);
    const thief = await Thief.of(victim);
    await thief.changeAddress();
    await execute(instance, `update users set is_active = false where id = '${victim.id}'`);
    expect(codeOf(await say(await firstNotice(victim.address)))).toBe('OK');
    expect(await mailsAbout(instance, victim.address, subjects.reset)).toEqual([]);
    expect(await execute(instance, `select email, is_active from users where id = '${victim.id}'`)).toEqual([
      { email: victim.address, is_active: false },
    ]);
  });
});

describe.each(testDatabaseKinds)('a refresh token that is used again, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  test('is told of by one mail, however often', async () => {
    const { client, name, address } = await newcomer(instance);
    const { refreshToken } = await client.signIn(name);
    await client.refresh(refreshToken);
    instance.clock.advance(minute);
    const again = () => instance.client('203.0.113.66').refresh(refreshToken);
    const answers = await Promise.all(Array.from({ length: 10 }, again));
    expect(new Set(answers.map(reasonOf))).toEqual(new Set(['REUSED']));
    const mails = await mailsAbout(instance, address, subjects.tokenReused);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain('203.0.113.66');
  });
});
