import { startHttp } from './support.js';

describe("the refresh token's cookie", () => {
  test.each([
    ['a=1; postern_refresh=abc.def; b=2', 'abc.def'],
    ['postern_refresh=', null],
    ['other=abc', null],
    ['', null],
  ])('of the header %j is read as %j', async (cookie, expected) => {
    const http = await startHttp();
    expect((await http.post({ query: '{ cookie }' }, { cookie })).json().data.cookie).toBe(expected);
    await http.close();
  });

  test('is set for this path alone, out of reach of scripts and other sites, until the token expires', async () => {
    const http = await startHttp();
    const answer = await http.post({ query: 'mutation { setCookie }' });
    expect(answer.headers['set-cookie']).toBe(
      'postern_refresh=token.of.refreshing; Path=/graphql; Expires=Wed, 02 Jan 2030 03:04:05 GMT; HttpOnly; SameSite=Strict',
    );
    await http.close();
  });

  test('is sent over TLS only in production', async () => {
    const http = await startHttp({ environment: 'production' });
    expect((await http.post({ query: 'mutation { setCookie }' })).headers['set-cookie']).toContain('; Secure');
    await http.close();
  });

  test('is cleared with the attributes it was set with', async () => {
    const http = await startHttp({ environment: 'production' });
    const cleared = String((await http.post({ query: 'mutation { clearCookie }' })).headers['set-cookie']);
    expect(cleared).toMatch(/^postern_refresh=; Max-Age=0; Path=\/graphql; Expires=Thu, 01 Jan 1970 00:00:00 GMT;/);
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict']) expect(cleared).toContain(attribute);
    await http.close();
  });
});
