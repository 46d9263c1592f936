import type { DemoAccount } from './demo.js';

/** The accounts as a table, with a sign-in that is ready to be pasted into the explorer at the URL. */
export function describeDemo(accounts: readonly DemoAccount[], url: string): string {
  const rows = accounts.map(({ username, role, password }) => `  ${username.padEnd(8)}${role.padEnd(8)}${password}`);
  const [first] = accounts;
  return `
Demo data is there. The passwords are new at every start with --demo:

  ${'user'.padEnd(8)}${'role'.padEnd(8)}password
${rows.join('\n')}
${first ? signInText(first, url) : ''}
`;
}

function signInText({ username, password }: DemoAccount, url: string): string {
  return `
Paste this at ${url}/ to sign in:

  mutation {
    obtainToken(input: { username: "${username}", password: "${password}" }) {
      ... on TokenPair { accessToken refreshToken }
    }
  }

and send the access token with what comes next, as the header
  Authorization: Bearer <accessToken>`;
}
