import { isNativeError } from 'node:util/types';

/** `fetch`, which tests replace. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface FetchLimits {
  /** How long an answer may take, to its last byte, in milliseconds. */
  readonly timeLimit: number;
  readonly byteLimit: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The text at the URL; rejects for any status but 200, a redirect to anywhere, and what is over a limit. */
export async function fetchLimited(
  url: string,
  { timeLimit, byteLimit, headers }: FetchLimits,
  fetch: Fetch,
): Promise<string> {
  const signal = AbortSignal.timeout(timeLimit);
  const response = await fetch(url, { redirect: 'error', signal, headers });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`the answer has status ${response.status}`);
  }
  return readLimited(response.body, byteLimit);
}

async function readLimited(body: ReadableStream<Uint8Array>, byteLimit: number): Promise<string> {
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

/** Why it rejected, in words without the URL. */
export function fetchFailure(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time';
  const cause = isNativeError(error) && isNativeError(error.cause) ? error.cause : error;
  return isNativeError(cause) ? cause.message : 'no answer';
}
