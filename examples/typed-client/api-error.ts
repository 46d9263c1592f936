/** What the API answered instead of data; `code` and `reason` are what a program decides by, the message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly reason: string | null;

  constructor(message: string, code: string, reason: string | null) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** An answer of GraphQL over HTTP. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string; reason?: string } }[];
}

/** The data of an answer; throws its first ApiError if there is one. */
export function dataOf<Data>({ data, errors }: Answer<Data>): Data {
  const [error] = errors ?? [];
  if (error) throw new ApiError(error.message, error.extensions?.code ?? 'UNKNOWN', error.extensions?.reason ?? null);
  if (data == null) throw new ApiError('The answer has neither data nor errors.', 'UNKNOWN', null);
  return data;
}

/** Whether the access token, and nothing else, is past its time: a refresh mends that. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'UNAUTHENTICATED' && error.reason === 'EXPIRED';
}

/** Whether a refresh token will never work again. */
export function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'TOKEN_NOT_VALID';
}
