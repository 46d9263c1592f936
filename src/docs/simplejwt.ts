import { type SimpleJwtSetting, simpleJwtSettings } from './simplejwt-settings.js';

const introduction = `# Coming from SimpleJWT

Generated from \`src/docs/simplejwt.ts\` by \`npm run docs\`: do not edit.

Postern does what djangorestframework-simplejwt does, over GraphQL and without Django. Its tokens have the same layout, so
that a service which trusts SimpleJWT's tokens can trust these: see [verifying-tokens.md](verifying-tokens.md). What became
of each of SimpleJWT's own tests is in [conformance.md](conformance.md), its errors stand beside ours in [errors.md](errors.md).

## Views

| in SimpleJWT | here |
| --- | --- |
| \`TokenObtainPairView\` | \`obtainToken\`, by user name or e-mail address |
| \`TokenRefreshView\` | \`refreshToken\` |
| \`TokenVerifyView\` | \`verifyToken\`, which also says what the token says |
| \`TokenBlacklistView\` | \`revokeToken\`: possession of the token is enough; \`logout\` for the caller's own session, or all of them |
| \`TokenObtainSlidingView\` | \`obtainSlidingToken\`: see [sliding-tokens.md](sliding-tokens.md) |
| \`TokenRefreshSlidingView\` | \`refreshSlidingToken\` |
| \`JWTAuthentication\`, \`JWTStatelessUserAuthentication\` | every request; a bad header makes the caller anonymous and no more |

## Tables, admin and commands

| in SimpleJWT | here |
| --- | --- |
| \`OutstandingToken\` | \`outstandingTokens\`, for admins; the text of a token is kept nowhere |
| \`BlacklistedToken\` | a status of the same row; \`blacklistToken\` ends a token by its \`jti\`, and its session |
| taking a token off the blacklist | none: what has ended stays so |
| the admin's pages | [administration.md](administration.md) |
| \`manage.py flushexpiredtokens\` | \`npm run flushexpiredtokens\`; the server also does it by itself |
| \`manage.py createsuperuser\` | \`npm run createsuperuser\` |

## What is mended

| in SimpleJWT | here |
| --- | --- |
| Two refreshes at once with one token both get a successor. | One wins; the others get the same successor, or with a grace period of 0 a refusal. |
| A lost answer loses the session: the token was used up. | Within \`JWT_ROTATION_GRACE_PERIOD\` it is answered again. |
| A rotated token that turns up again is refused, and its successors live on. | The whole session ends, and a security event tells of it. |
| Each refresh copies the claims, so that an admin who was demoted stays one. | Claims are built anew from the database. |
| An access token outlives the log-out, and a password change unless \`CHECK_REVOKE_TOKEN\` is set. | It dies within a second, on every instance: [revocation.md](revocation.md). |
| With the blacklist, a sliding token costs a read of that table at each request. | It is held against a list in memory. |
| A sliding token cannot be refreshed once it has expired, however late its \`refresh_exp\`. | It can, until then. |
| Signed tokens stand in a table as they are. | Claims only. |
| A correctly signed refresh token without \`jti\` is an error 500. | TOKEN_NOT_VALID, MALFORMED. |

## Settings

All ${simpleJwtSettings.length}, in SimpleJWT's order. Ours are environment variables: [settings.md](settings.md). Names that begin in lower case
are functions in \`src/extensions.ts\`: [extensions.md](extensions.md). The last column is the test that shows it.
`;

const removed = `
SimpleJWT has removed \`AUTH_HEADER_TYPE\`, \`AUTH_TOKEN_CLASS\`, \`SECRET_KEY\` and \`TOKEN_BACKEND_CLASS\`. Set here with the prefix
\`JWT_\`, each stops the start like any name that is no setting, with the right name beside it where there is one.
`;

/** docs/simplejwt.md: what everything of SimpleJWT is called here, and what differs. */
export function renderSimpleJwt(): string {
  const header = ['| in SimpleJWT | here | what differs | test |', '| --- | --- | --- | --- |'];
  return [introduction, ...header, ...simpleJwtSettings.map(row), removed].join('\n');
}

function row({ name, here, note, test }: SimpleJwtSetting): string {
  const shown = test ? `[${test.title}](../${test.file})` : '';
  return `| \`${name}\` | ${here === null ? 'none' : `\`${here}\``} | ${note} | ${shown} |`;
}
