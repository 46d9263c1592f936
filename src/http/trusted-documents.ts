import { readFile } from 'node:fs/promises';
import type { HTTPGraphQLRequest } from '@apollo/server';
import { z } from 'zod';
import { ConfigError } from '../config.js';

const manifest = z.record(z.string().min(1), z.string().min(1));

/** What of a request tells which document it wants run. */
export interface DocumentChoice {
  readonly query?: unknown;
  /** GraphQL over HTTP, appendix on persisted documents. */
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

/** The documents that may be run, by the ids of a manifest, as GraphQL Code Generator's `persistedDocuments` writes it. */
export class TrustedDocuments {
  private readonly texts: ReadonlySet<string>;

  constructor(private readonly byId: ReadonlyMap<string, string>) {
    this.texts = new Set(byId.values());
  }

  /** Throws ConfigError where there is no such file, or another thing than ids and documents in it. */
  static async read(path: string): Promise<TrustedDocuments> {
    const text = await readFile(path, 'utf8').catch(() => null);
    const found = manifest.safeParse(parse(text));
    if (!found.success) {
      throw new ConfigError([{ name: 'TRUSTED_DOCUMENTS', rule: 'must name a JSON file of documents by their ids' }]);
    }
    return new TrustedDocuments(new Map(Object.entries(found.data)));
  }

  /** The text of the document that the request names, or sends whole; null where that is none of them. */
  find({ query, documentId, extensions }: DocumentChoice): string | null {
    const id = documentId ?? apolloHash(extensions);
    if (typeof id === 'string') return this.byId.get(id) ?? this.byId.get(id.replace(/^sha256:/, '')) ?? null;
    return typeof query === 'string' && this.texts.has(query) ? query : null;
  }
}

/** The request with the document that it names, or null where that is not a trusted one. */
export function onlyTrusted(
  request: HTTPGraphQLRequest,
  documents: TrustedDocuments | null,
): HTTPGraphQLRequest | null {
  if (documents === null) return request;
  if (request.method === 'GET') return trustedByGet(request, documents);
  const { documentId: _, extensions, ...body }: Record<string, unknown> = { ...Object(request.body) };
  const query = documents.find(Object(request.body));
  return query === null ? null : { ...request, body: { ...body, query, ...withoutHash(extensions) } };
}

function trustedByGet(request: HTTPGraphQLRequest, documents: TrustedDocuments): HTTPGraphQLRequest | null {
  const search = new URLSearchParams(request.search);
  const extensions = parse(search.get('extensions'));
  const documentId = search.get('documentId') ?? undefined;
  const query = documents.find({ query: search.get('query'), documentId, extensions });
  if (query === null) return null;
  for (const name of ['documentId', 'extensions']) search.delete(name);
  search.set('query', query);
  const { extensions: rest } = withoutHash(extensions);
  if (rest !== undefined) search.set('extensions', JSON.stringify(rest));
  return { ...request, search: `?${search}` };
}

/** Apollo Server would look for the hash itself. */
function withoutHash(extensions: unknown): { extensions?: object } {
  if (typeof extensions !== 'object' || extensions === null) return {};
  const { persistedQuery: _, ...rest }: Record<string, unknown> = { ...extensions };
  return { extensions: rest };
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Where Apollo's clients put it. */
function apolloHash(extensions: unknown): unknown {
  return Object(Object(extensions).persistedQuery).sha256Hash;
}
