import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { badRequest, errorBody } from './error-answer.js';
import { mediaTypes } from './media-type.js';
import { bareHeaders } from './security-headers.js';

interface Refusal {
  readonly status: number;
  readonly message: string;
}

const malformed: Refusal = { status: 400, message: 'This is not HTTP/1.1 as RFC 9112 has it.' };

const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers are too large.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, message: 'The chunk extensions are too large.' },
};

/** Answers what never became a request (too slow, too large, malformed) in GraphQL's error form, and hangs up. */
export function clientErrorHandler(
  logger: Logger,
  environment: Config['environment'],
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const { status, message } = refusals[error.code ?? ''] ?? malformed;
    const requestId = randomUUID();
    logger.debug({ requestId, statusCode: status, code: error.code }, 'connection refused');
    if (!socket.writable || hasBegunAnswer(socket)) return void socket.destroy();
    const headers = bareHeaders(requestId, environment);
    socket.end(rawAnswer(status, headers, errorBody(badRequest(message))), () => socket.destroy());
  };
}

function rawAnswer(status: number, standard: Record<string, string>, body: string): string {
  const headers = {
    ...standard,
    'content-type': mediaTypes.json,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

/** Node's own handler looks here too: a second answer amid a first would garble both. */
function hasBegunAnswer(socket: Socket): boolean {
  if (!('_httpMessage' in socket)) return false;
  const answer = socket._httpMessage;
  return typeof answer === 'object' && answer !== null && 'headersSent' in answer && answer.headersSent === true;
}
