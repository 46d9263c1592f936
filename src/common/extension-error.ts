/**
 * An extension has failed: `cause` says how, for the log alone. Neither a code that was made for clients nor a service that
 * the extension cannot reach, which looks like a database that is away, may decide what the client is told.
 */
export class ExtensionError extends Error {
  constructor(extension: string, reason: unknown) {
    const cause = reason instanceof Error ? reason : new Error(String(reason));
    super(`The extension \`${extension}\` has failed.`, { cause });
    this.name = 'ExtensionError';
  }
}
