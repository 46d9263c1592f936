import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startHttp } from './support.js';

const timeouts = { request: 300, headers: 200, check: 50 };

/** Everything the server says on a connection until it hangs up. */
async function conversation(port: number, say: (socket: Socket) => void): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += String(chunk);
  });
  await once(socket, 'connect');
  say(socket);
  await once(socket, 'close');
  return heard;
}

const postHead = (length: number) =>
  `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

function parse(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), error: JSON.parse(body).errors[0] };
}

function expectStandardHeaders(head: string): void {
  expect(head).toMatch(/x-request-id: [\w-]+/);
  expect(head).toContain('x-content-type-options: nosniff');
  expect(head).toContain('cache-control: no-store');
  expect(head).toContain('connection: close');
}

describe('requests that are cut', () => {
  test.each([
    ['headers that never end', 'GET /healthz HTTP/1.1\r\nhost: a\r\n', 408],
    ['a body that never ends', `${postHead(100)}{"query":`, 408],
    ['what is not HTTP', 'hello\r\n\r\n', 400],
    [
      'a body with two lengths',
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['headers that are too large', `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s are answered in GraphQL form', async (_title, bytes, status) => {
    const http = await startHttp({ timeouts, environment: 'production' });
    const answer = parse(await conversation(await http.listen(), (socket) => socket.write(bytes)));
    expect(answer.status).toBe(status);
    expect(answer.error).toEqual({ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } });
    expectStandardHeaders(answer.head);
    expect(answer.head).toContain("content-security-policy: default-src 'none';base-uri 'none';");
    expect(answer.head).toContain('strict-transport-security: max-age=31536000; includesubdomains');
    await http.close();
  });

  test('a body that trickles in is cut all the same', async () => {
    const http = await startHttp({ timeouts });
    const started = performance.now();
    let trickle: NodeJS.Timeout | undefined;
    const heard = await conversation(await http.listen(), (socket) => {
      socket.on('error', () => undefined);
      socket.write(postHead(1_000));
      trickle = setInterval(() => socket.write(' '), 20);
    });
    clearInterval(trickle);
    expect(parse(heard).status).toBe(408);
    expect(performance.now() - started).toBeLessThan(1_500);
    await http.close();
  });

  test('an operation that takes too long is answered with 503', async () => {
    const http = await startHttp({ timeouts: { request: 50, headers: 50 }, slow: () => new Promise(() => undefined) });
    const answer = await http.post({ query: '{ slow }' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json().errors[0].extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: 2 });
    await http.close();
  });

  test('a body that is too large gets its 413 even while it is being sent', async () => {
    const http = await startHttp();
    const port = await http.listen();
    for (let round = 0; round < 10; round += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"query":"${'x'.repeat(5_000_000)}"}`,
      });
      expect(answer.status).toBe(413);
    }
    await http.close();
  });
});

describe('a graceful stop', () => {
  const slow = '{"query":"{ slow }"}';

  test('answers what is in flight, drops idle and silent connections, and accepts no new ones', async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const http = await startHttp({
      slow: () => {
        begun.resolve();
        return finish.promise;
      },
    });
    const port = await http.listen();
    const silent = conversation(port, () => undefined);
    const idle = conversation(port, (socket) => socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'));
    const busy = conversation(port, (socket) => socket.write(postHead(slow.length) + slow));
    await begun.promise;

    const closing = http.close();
    expect(await silent).toBe('');
    expect(await idle).toContain('{"status":"alive"}');
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    finish.resolve();
    const heard = await busy;
    expect(heard).toContain('{"data":{"slow":"done"}}');
    expect(heard.toLowerCase()).toContain('connection: close');
    await closing;
  });

  test('refuses what comes later on connections that are still open, but goes on answering probes', async () => {
    const http = await startHttp();
    const port = await http.listen();
    const accepted: Socket[] = [];
    http.app.server.on('connection', (socket) => accepted.push(socket));
    const sockets: Socket[] = [];
    const answers = ['/graphql?query=1', '/readyz', '/healthz'].map((path) =>
      conversation(port, (socket) => {
        sockets.push(socket);
        socket.write(`GET ${path} HTTP/1.1\r\n`);
      }),
    );
    while (accepted.filter((socket) => socket.bytesRead > 0).length < 3) await nextTurn();

    const closing = http.close();
    for (const socket of sockets) socket.write('host: a\r\napollo-require-preflight: 1\r\n\r\n');
    const [refused = '', readiness = '', health = ''] = await Promise.all(answers);
    expect(parse(refused)).toMatchObject({
      status: 503,
      head: expect.stringContaining('retry-after: 2'),
      error: { extensions: { code: 'SERVICE_UNAVAILABLE', retryAfter: 2 } },
    });
    expectStandardHeaders(parse(refused).head);
    expect(readiness).toMatch(/^HTTP\/1.1 503 [\s\S]*"stopping"/);
    expect(health).toMatch(/^HTTP\/1.1 200 /);
    await closing;
  });
});
