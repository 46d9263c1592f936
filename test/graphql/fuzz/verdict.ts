import type { LightMyRequestResponse } from 'fastify';
import { errorCodes } from '../../../src/common/error-catalogue.js';

/** In milliseconds. */
const longestWait = 5_000;

/** In characters: what is said of wrong input does not grow with it. */
const longestErrors = 20_000;

/** What the catalogue knows, but what nobody can cause by what they send. */
const faults = new Set(['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE']);

interface Verdict {
  /** The codes of its errors, or `data`. */
  readonly codes: readonly string[];
  /** What is wrong with the answer; null if nothing is. */
  readonly fault: string | null;
}

/** Whether an answer is data, or errors of the catalogue, and came in time. */
export function judge(answer: LightMyRequestResponse, took: number): Verdict {
  const body = parsed(answer.body);
  if (body === null) return { codes: ['none'], fault: `no answer of GraphQL: ${answer.body.slice(0, 200)}` };
  const { data, errors = [] } = body;
  const codes = errors.map(({ extensions }) => extensions?.code ?? 'none');
  const strange = codes.find((code) => faults.has(code) || !Object.hasOwn(errorCodes, code));
  const fault =
    (strange && `${strange}: ${errors[0]?.message}`) ??
    (took > longestWait ? `took ${Math.round(took)} ms` : null) ??
    (JSON.stringify(errors).length > longestErrors ? 'says too much of what is wrong' : null) ??
    (errors.length === 0 && !data ? 'neither data nor errors' : null) ??
    (answer.statusCode >= 500 ? `status ${answer.statusCode}` : null);
  return { codes: codes.length === 0 ? ['data'] : codes, fault };
}

interface Body {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

function parsed(body: string): Body | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
