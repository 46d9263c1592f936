import type { TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import type { Operation } from './operations.js';

const obtain = `mutation ($input: ObtainSlidingTokenInput!) {
  obtainSlidingToken(input: $input) { token user { email } }
}`;
const refresh = 'mutation ($token: String!) { refreshSlidingToken(token: $token) { token user { email } } }';

/** Sliding tokens, of which the statements find a session where those of a pair find a token. */
export function slidingOperations(instance: TestApp): Operation[] {
  const client = instance.client();
  const input = { username: 'alice', password: passwordOf('alice') };
  const signIn = async () => {
    const { obtainSlidingToken } = await client.data<{ obtainSlidingToken: { token: string } }>(obtain, { input });
    client.token = obtainSlidingToken.token;
  };
  return [
    { name: 'obtainSlidingToken', run: signIn },
    { name: 'refreshSlidingToken', run: () => client.data(refresh, { token: client.token }) },
    { name: 'logout with a sliding token', run: () => client.data('mutation { logout { sessionsEnded } }') },
    { name: 'refreshSlidingToken of an ended session', run: () => client.error(refresh, { token: client.token }) },
  ];
}
