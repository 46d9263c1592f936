/** `fetch`, which tests replace. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How long an answer may take, to its last byte, in milliseconds. */
const timeLimit = 5_000;

const byteLimit = 65_536;

/** The text at the URL; rejects for any status but 200, a redirect to anywhere, more than 64 KiB, or after 5 s. */
export async function fetchLimited(url: string, fetch: Fetch): Promise<string> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeLimit),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`the answer has status ${response.status}`);
  }
  return readLimited(response.body);
}

async function readLimited(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > byteLimit) throw new Error(`the answer is longer than ${byteLimit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
