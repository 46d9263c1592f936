import { argon2Parameters } from '../../src/modules/users/password-hasher.js';
import { createTestApp } from '../support/app.js';

const query = 'mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { __typename } }';

test.each(['application/json', 'application/graphql-response+json'])(
  'a sign-in that finds no room to be checked is a 503 with Retry-After as %s',
  async (accept) => {
    const instance = await createTestApp('pglite', {
      argon2: argon2Parameters,
      env: { PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE: '0' },
    });
    const signIn = (username: string) =>
      instance.app.http.inject({
        method: 'POST',
        url: '/graphql',
        headers: { accept },
        payload: { query, variables: { input: { username, password: 'some password' } } },
      });
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => signIn(name)));
    const refused = answers.filter(({ statusCode }) => statusCode === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(answers.length);
    for (const answer of refused) {
      const { errors } = answer.json();
      expect(answer.headers['content-type']).toBe(`${accept}; charset=utf-8`);
      expect(errors).toHaveLength(1);
      expect(errors[0].extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: expect.any(Number) });
      expect(answer.headers['retry-after']).toBe(String(errors[0].extensions.retryAfter));
      expect(answer.body).not.toContain('"http"');
    }
    await instance.stop();
  },
);
