import { appOfTest } from '../auth/support.js';
import { createTestDatabase } from '../support/databases.js';
import { admin, timeToRefusal } from './support.js';

interface Token {
  readonly jti: string;
}

describe('what an admin does at one instance', () => {
  test.each<[name: string, operation: string]>([
    ['setUserRole', 'mutation ($id: ID!) { setUserRole(id: $id, role: ADMIN) { id } }'],
    ['setUserActive', 'mutation ($id: ID!) { setUserActive(id: $id, active: false) { id } }'],
    ['revokeUserSessions', 'mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }'],
    ['blacklistToken', 'mutation ($jti: ID!) { blacklistToken(jti: $jti) { jti } }'],
  ])('%s ends the access token at another within a second', async (_name, operation) => {
    const database = await createTestDatabase('postgres');
    const here = await appOfTest('postgres', { database });
    const there = await appOfTest('postgres', { database, clock: here.clock });
    const root = await admin(here);
    const alice = there.client();
    const { id } = await alice.register('alice');
    await alice.signIn('alice');
    const { outstandingTokens: tokens } = await root.client.data<{ outstandingTokens: { nodes: Token[] } }>(
      'query ($id: ID!) { outstandingTokens(filter: { userId: $id }) { nodes { jti } } }',
      { id },
    );
    await alice.data('{ me { id } }');
    await root.client.data(operation, { id, jti: tokens.nodes[0]?.jti });
    expect(await timeToRefusal(alice)).toBeLessThan(1_000);
  });
});
