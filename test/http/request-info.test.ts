import type { TrustProxy } from '../../src/config.js';
import { startHttp } from './support.js';

const query = { query: '{ request }' };

async function infoOf(
  trustProxy: TrustProxy,
  headers: Record<string, string>,
  more: { remoteAddress?: string; publicUrl?: string } = {},
) {
  const http = await startHttp({ http: { trustProxy, publicUrl: more.publicUrl ?? 'http://localhost:4000' } });
  const answer = await http.post(query, headers, { remoteAddress: more.remoteAddress ?? '10.0.0.9' });
  await http.close();
  return JSON.parse(answer.json().data.request);
}

describe("the client's address", () => {
  const forwarded = (value: string) => ({ 'x-forwarded-for': value });
  const cases: [string, TrustProxy, string, string][] = [
    ['without trust the socket decides', false, '1.1.1.1', '10.0.0.9'],
    ['one hop is the rightmost entry', 1, '1.1.1.1', '1.1.1.1'],
    ['entries spoofed on the left change nothing', 1, '9.9.9.9, 8.8.8.8, 1.1.1.1', '1.1.1.1'],
    ['two hops are the second from the right', 2, '9.9.9.9, 1.1.1.1, 10.0.0.1', '1.1.1.1'],
    ['more hops than entries end at the leftmost', 3, '1.1.1.1', '1.1.1.1'],
    ['a trusted network is skipped', ['10.0.0.0/8'], '9.9.9.9, 1.1.1.1, 10.0.0.1', '1.1.1.1'],
    ['a stranger is not believed', ['192.168.0.0/16'], '1.1.1.1', '10.0.0.9'],
    ['what is no address falls back on the socket', 1, 'unknown', '10.0.0.9'],
    ['an address with a port loses it', 1, '1.1.1.1:80', '1.1.1.1'],
    ['an IPv6 address with a port loses it', 1, '[2001:DB8::1]:443', '2001:db8::1'],
    ['an IPv6 address in brackets loses them', 1, '[2001:db8::1]', '2001:db8::1'],
    ['a mapped address with a port becomes plain', 1, '[::ffff:1.1.1.1]:80', '1.1.1.1'],
    ['an IPv6 address that only looks like one with a port keeps its end', 1, '2001:db8::1:443', '2001:db8::1:443'],
    ['what is no address falls back on the socket, be there a port', 1, '1.1.1:80', '10.0.0.9'],
    ['a name in brackets falls back on the socket', 1, '[localhost]:80', '10.0.0.9'],
    ['an address with a port and more falls back on the socket', 1, '1.1.1.1:80:90', '10.0.0.9'],
    ['a mapped address becomes plain', 1, '::ffff:1.1.1.1', '1.1.1.1'],
    ['a mapped address in hex becomes plain', 1, '::ffff:101:101', '1.1.1.1'],
    ['IPv6 has one spelling', 1, '2001:DB8:0:0::0001', '2001:db8::1'],
  ];
  test.each(cases)('%s', async (_title, trustProxy, header, expected) => {
    expect((await infoOf(trustProxy, forwarded(header))).ipAddress).toBe(expected);
  });

  test('a mapped socket address becomes plain', async () => {
    expect((await infoOf(false, {}, { remoteAddress: '::ffff:192.0.2.1' })).ipAddress).toBe('192.0.2.1');
  });
});

describe('the origin', () => {
  const host = { host: 'api.example:4000' };
  const cases: [string, TrustProxy, Record<string, string>, boolean][] = [
    ['is not allowed without a header', false, host, false],
    ['is allowed when configured', false, { ...host, origin: 'https://app.example' }, true],
    ["is allowed when it is the server's own", false, { ...host, origin: 'http://api.example:4000' }, true],
    ['is not allowed with another scheme', false, { ...host, origin: 'https://api.example:4000' }, false],
    ['is not allowed with another host', false, { ...host, origin: 'http://evil.example' }, false],
    ['is not allowed when it is opaque', false, { ...host, origin: 'null' }, false],
    [
      "is the proxy's behind a trusted one",
      1,
      { ...host, origin: 'https://www.example', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'www.example' },
      true,
    ],
    [
      "is not a forwarded host's without trust",
      false,
      { ...host, origin: 'https://www.example', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'www.example' },
      false,
    ],
  ];
  test.each(cases)('%s', async (_title, trustProxy, headers, expected) => {
    expect((await infoOf(trustProxy, headers)).originAllowed).toBe(expected);
  });

  test("is allowed when it is the public address's", async () => {
    const publicUrl = 'https://public.example/app';
    expect((await infoOf(false, { origin: 'https://public.example' }, { publicUrl })).originAllowed).toBe(true);
  });
});

describe('what else a context learns of a request', () => {
  test('the id that the answer carries, and the user agent up to 512 characters', async () => {
    const http = await startHttp();
    const answer = await http.post(query, { 'user-agent': 'x'.repeat(600) });
    const info = JSON.parse(answer.json().data.request);
    expect(info.id).toBe(answer.headers['x-request-id']);
    expect(info.userAgent).toBe('x'.repeat(512));
    await http.close();
  });

  test('the access token comes from the configured header, whatever its case', async () => {
    const http = await startHttp({ authHeaderName: 'X-Access-Token' });
    const answer = await http.post(
      { query: '{ authorization }' },
      { 'x-access-token': 'Bearer mine', authorization: 'Bearer other' },
    );
    expect(answer.json().data.authorization).toBe('Bearer mine');
    await http.close();
  });
});
