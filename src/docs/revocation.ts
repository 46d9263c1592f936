import { type Revocation, revocationMatrix } from '../modules/auth/revocation/revocation-matrix.js';

const introduction = `# What ends what

Generated from \`src/modules/auth/revocation/revocation-matrix.ts\` by \`npm run docs\`: do not edit. The server obeys that
table; each cell is a test in \`test/auth/revocation-matrix.test.ts\`, where the access token is tried on another instance
than the one that ended it, and must be dead there within a second.

| cause | refresh token | access token | other sessions | challenges | links in mails | remembered devices | event |
| --- | --- | --- | --- | --- | --- | --- | --- |
`;

const notes = `
- The first two columns are about the session that the cause happens in or to; where it happens to the user as a whole, any
  of the sessions. With a session its refresh tokens end and its access tokens, on every instance.
- An access token that **ends** while the refresh token **stays** says what is no longer true: a refresh answers with a new
  one, whose claims are built from the database.
- After a password change the session in which it was changed goes on with the pair that it got in answer.
- A key that retires ends only the tokens that it signed. Sessions whose tokens another key has signed go on.
- Of a user's row the database itself watches \`role\`, \`is_active\`, \`password_changed_at\` and \`email\`, so that a hand in psql
  ends the same; only the security event is missing then.
`;

/** docs/revocation.md: the revocation matrix. */
export function renderRevocation(): string {
  return introduction + Object.values(revocationMatrix).map(row).join('') + notes;
}

function row({
  title,
  refreshToken,
  accessToken,
  otherSessions,
  challenges,
  mailTokens,
  rememberedDevices,
  event,
}: Revocation): string {
  const fates = [refreshToken, accessToken, otherSessions, challenges, mailTokens, rememberedDevices];
  const cells = [title, ...fates.map((fate) => (fate === 'ends' ? '**ends**' : 'stays')), `\`${event}\``];
  return `| ${cells.join(' | ')} |\n`;
}
