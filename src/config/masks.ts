const mask = '***';

/** Nothing of the secret, not even its length. */
export const hideAll = (): string => mask;

/** A URL without its query, where keys for an interface often stand. */
export function hideQuery(text: string): string {
  return text.replace(/\?.*$/s, `?${mask}`);
}

/**
 * A URL without its password. The query goes too, for drivers take passwords there; so does a user name without a
 * password or equal to it, for mail services take access tokens there.
 */
export function hidePassword(text: string): string {
  const url = /^(postgres(ql)?|smtps?):\/\//i.test(text) ? URL.parse(text) : null;
  if (!url || hasStrayPassword(url)) return mask;
  const { protocol, username, password, host, pathname, search, hash } = url;
  const user = username === '' && password === '' ? '' : `${userName(username, password)}@`;
  return `${protocol}//${user}${host}${pathname}${search && `?${mask}`}${hash && `#${mask}`}`;
}

/**
 * Whether a password with an unencoded `/`, `?` or `#` may have ended the host's part early, so that the rest of it
 * stands where nothing masks it: then an `@` comes later.
 */
export function hasStrayPassword({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}`.includes('@');
}

function userName(username: string, password: string): string {
  if (password === '') return mask;
  return `${username === password ? mask : username}:${mask}`;
}
