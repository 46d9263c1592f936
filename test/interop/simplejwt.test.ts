import { describeWith } from '../support/debian.js';
import {
  decoded,
  documented,
  encoded,
  type Issuer,
  newPrivateKey,
  python,
  run,
  simplejwt,
  start,
  startIssuer,
  tokenNames,
} from './support.js';

const minute = 60_000;
const secret = 'a key that Postern and a Django service have in common';

/** Prints the user id of a token that SimpleJWT's class of that name takes for good. */
const readAs = (className: string) => `
import sys
import service
from rest_framework_simplejwt import tokens
token = tokens.${className}(sys.stdin.read())
print(token["user_id"])`;

const describeWithSimpleJwt = await describeWith(simplejwt);

describeWithSimpleJwt('a Django service with SimpleJWT', () => {
  describe('that has the same HS256 key', () => {
    const env = { ...tokenNames, JWT_SIGNING_KEY: secret };
    let issuer: Issuer;
    let service: { line: string; stop(): void };

    beforeAll(async () => {
      issuer = await startIssuer({ JWT_SIGNING_KEY: secret });
      service = await start(`${await documented('service')} 0`, env);
    });
    afterAll(async () => {
      service.stop();
      await issuer.instance.stop();
    });

    const inPython = (script: string, input: string) =>
      run([python, '-c', script], { env, input, cwd: 'examples/simplejwt' });

    test('accepts an access token, and reads its claims', async () => {
      const { accessToken, user } = await issuer.signIn();
      expect(await ask(service.line, accessToken)).toEqual({
        status: 200,
        body: { id: user.id, role: 'user', email: 'carol@example.com', session: decoded(accessToken).claims['sid'] },
      });
    });

    test('answers as the docs say', async () => {
      const { accessToken, user } = await issuer.signIn();
      const script = (await documented('session with the service')).replace('http://127.0.0.1:8000/', service.line);
      const output = await run(['bash', '-c', script], { env: { ...env, ACCESS: accessToken } });
      expect(JSON.parse(output)).toMatchObject({ id: user.id, role: 'user' });
    });

    test.each<[string, RegExp, () => Promise<string>]>([
      ['a refresh token', /Token has wrong type/, async () => (await issuer.signIn()).refreshToken],
      ['an expired token', /expired/, async () => (await issuer.signIn(-10 * minute)).accessToken],
      [
        'a token whose claims were changed',
        /invalid/,
        async () => {
          const { accessToken } = await issuer.signIn();
          const [header, , signature] = accessToken.split('.');
          return [header, encoded({ ...decoded(accessToken).claims, role: 'admin' }), signature].join('.');
        },
      ],
    ])('refuses %s', async (_title, message, token) => {
      const { status, body } = await ask(service.line, await token());
      expect([status, body]).toEqual([401, expect.objectContaining({ code: 'token_not_valid' })]);
      expect(JSON.stringify(body)).toMatch(message);
    });

    test('takes the tokens for what they are: the types are told apart by SimpleJWT as by Postern', async () => {
      const { accessToken, refreshToken, user } = await issuer.signIn();
      expect(await inPython(readAs('AccessToken'), accessToken)).toBe(`${user.id}\n`);
      expect(await inPython(readAs('RefreshToken'), refreshToken)).toBe(`${user.id}\n`);
      await expect(inPython(readAs('RefreshToken'), accessToken)).rejects.toThrow('Token has wrong type');
      const expired = await issuer.signIn(-2 * 24 * 60 * minute);
      await expect(inPython(readAs('RefreshToken'), expired.refreshToken)).rejects.toThrow('invalid or expired');
    });

    test('makes tokens that Postern calls MALFORMED, because they name no session', async () => {
      const token = (await run([python, 'examples/simplejwt/service.py', 'issue'], { env })).trim();
      expect(decoded(token).claims).toMatchObject({ token_type: 'access', user_id: '1', iss: tokenNames.JWT_ISSUER });
      const client = issuer.instance.client();
      const { extensions } = await client.error('mutation ($t: String!) { verifyToken(token: $t) { jti } }', {
        t: token,
      });
      expect(extensions).toMatchObject({ code: 'TOKEN_NOT_VALID', reason: 'MALFORMED' });
      client.token = token;
      const denied = await client.error('{ me { id } }');
      expect(denied.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'MALFORMED' });
    });

    test('makes of a refresh token an access token that Postern refuses', async () => {
      const { refreshToken } = await issuer.signIn();
      const script = readAs('RefreshToken').replace('token["user_id"]', 'token.access_token');
      const client = issuer.instance.client();
      client.token = (await inPython(script, refreshToken)).trim();
      expect((await client.error('{ me { id } }')).extensions).toMatchObject({ reason: 'MALFORMED' });
    });
  });

  test('that knows only the public keys accepts what Postern has signed with its own', async () => {
    const issuer = await startIssuer({ JWT_ALGORITHM: 'ES256', JWT_SIGNING_KEY: newPrivateKey('ES256') });
    const env = { ...tokenNames, JWT_ALGORITHM: 'ES256', JWKS_URL: issuer.jwksUrl };
    const service = await start(`${await documented('service')} 0`, env);
    const { accessToken, refreshToken } = await issuer.signIn();
    expect((await ask(service.line, accessToken)).status).toBe(200);
    expect((await ask(service.line, refreshToken)).status).toBe(401);
    service.stop();
    await issuer.instance.stop();
  });
});

async function ask(url: string, token: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}
