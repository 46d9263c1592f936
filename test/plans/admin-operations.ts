import type { TestApp } from '../support/app.js';
import type { TestClient } from '../support/client.js';
import { type Actors, type Operation, walk } from './operations.js';

interface Page {
  readonly pageInfo: { readonly startCursor: string | null; readonly endCursor: string | null };
}

interface List {
  readonly name: string;
  readonly field: string;
  readonly filterType: string;
  readonly node: string;
  readonly filters: readonly (readonly [which: string, filter: object, more?: Partial<Operation>])[];
}

const users = (aliceId: string): readonly List[] => [
  {
    name: 'users',
    field: 'users',
    filterType: 'UserFilter',
    node: 'id username email role active',
    filters: [
      ['all', {}],
      ['admins', { role: 'ADMIN' }],
      ['active', { active: true }],
      ['inactive admins', { role: 'ADMIN', active: false }],
      ['found by a name', { search: 'user77' }, searching],
      ['found by what every address has', { search: 'example com' }, searching],
      ['found by what none has', { search: 'zzz' }, searching],
    ],
  },
  {
    name: 'outstandingTokens',
    field: 'outstandingTokens',
    filterType: 'OutstandingTokenFilter',
    node: 'jti status createdAt user { username }',
    filters: [
      ['all', {}],
      ...['ACTIVE', 'ROTATED', 'BLACKLISTED', 'EXPIRED'].map((status) => [status, { status }] as const),
      ['of a user', { userId: aliceId }],
      ...['ACTIVE', 'ROTATED', 'BLACKLISTED', 'EXPIRED'].map(
        (status) => [`${status} of a user`, { status, userId: aliceId }] as const,
      ),
    ],
  },
  {
    name: 'securityEvents',
    field: 'securityEvents',
    filterType: 'SecurityEventFilter',
    node: 'id type createdAt user { username } actor { username }',
    filters: [
      ['all', {}],
      ['of a frequent type', { type: 'signed_in' }],
      ['of a rare type', { type: 'token_reused' }],
      ['of a user', { userId: aliceId }],
      ['of a type of a user', { userId: aliceId, type: 'sign_in_failed' }],
    ],
  },
];

const searching = { reads: walk, because: 'walks 2,000 users at most, and then reads the matches only' };

/** Every page that administrators see, under every filter, and what they do. */
export function adminOperations(instance: TestApp, { admin, aliceId }: Actors): Operation[] {
  return [
    ...users(aliceId).flatMap((list) => operationsOf(list, admin)),
    { name: 'mySecurityEvents', run: () => turnPagesOfMine(instance.client()) },
    { name: 'sessions of a user', run: () => turnPages(admin, sessionsOfUser, null) },
    ...changes(instance, admin),
  ];
}

const eventsOfMine: List = {
  name: 'mySecurityEvents',
  field: 'mySecurityEvents',
  filterType: '',
  node: 'id type',
  filters: [],
};

const sessionsOfUser: List = {
  name: 'sessions of a user',
  field: 'user(username: "user7") { sessions',
  filterType: '',
  node: 'id ipAddress current',
  filters: [],
};

function operationsOf(list: List, client: TestClient): Operation[] {
  return list.filters.flatMap(([which, filter, more]) => [
    { ...more, name: `${list.name}, ${which}`, run: () => turnPages(client, list, filter) },
    {
      name: `${list.name}, ${which}, totalCount`,
      run: () =>
        client.data(`query ($filter: ${list.filterType}) { ${list.field}(first: 0, filter: $filter) { totalCount } }`, {
          filter,
        }),
      reads: null,
      scans: true,
      because: 'counts all that there are, only when selected, in an index or in the table, whichever is smaller',
    },
  ]);
}

async function turnPagesOfMine(client: TestClient): Promise<void> {
  await client.signIn('alice');
  await turnPages(client, eventsOfMine, null);
}

/** Forward from the start and after a page, backward from the end and before a page. */
async function turnPages(client: TestClient, list: List, filter: object | null): Promise<void> {
  const declared = filter === null ? '' : `, $filter: ${list.filterType}`;
  const passed = filter === null ? '' : ', filter: $filter';
  const nested = list.field.includes('{');
  const query = `query ($first: Int, $after: String, $last: Int, $before: String${declared}) {
    ${list.field}(first: $first, after: $after, last: $last, before: $before${passed}) {
      nodes { ${list.node} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } ${nested ? '}' : ''} }`;
  const page = async (variables: object): Promise<Page> => {
    const data = await client.data<Record<string, Page & { sessions?: Page }>>(query, { ...variables, filter });
    const [answer] = Object.values(data);
    if (!answer) throw new Error('No page.');
    return answer.sessions ?? answer;
  };
  const { startCursor, endCursor } = (await page({ first: 20 })).pageInfo;
  if (endCursor !== null) await page({ first: 20, after: endCursor });
  if (startCursor !== null) await page({ last: 20, before: startCursor });
  await page({ last: 20 });
}

function changes(instance: TestApp, admin: TestClient): Operation[] {
  const idOf = async (username: string): Promise<string> => {
    const { user } = await instance.client().data<{ user: { id: string } }>(`{ user(username: "${username}") { id } }`);
    return user.id;
  };
  const jtiOfSomebody = async (): Promise<string> => {
    const { outstandingTokens } = await admin.data<{ outstandingTokens: { nodes: { jti: string }[] } }>(
      '{ outstandingTokens(first: 1, filter: { status: ACTIVE }) { nodes { jti } } }',
    );
    return outstandingTokens.nodes[0]?.jti ?? '';
  };
  return [
    {
      name: 'setUserRole',
      run: async () => {
        for (const role of ['ADMIN', 'USER'])
          await admin.data('mutation ($id: ID!, $role: Role!) { setUserRole(id: $id, role: $role) { role } }', {
            id: await idOf('user8'),
            role,
          });
      },
    },
    {
      name: 'setUserActive',
      run: async () =>
        admin.data('mutation ($id: ID!) { setUserActive(id: $id, active: false) { active } }', {
          id: await idOf('user9'),
        }),
    },
    {
      name: 'revokeUserSessions',
      run: async () =>
        admin.data('mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }', {
          id: await idOf('user10'),
        }),
    },
    {
      name: 'blacklistToken',
      run: async () =>
        admin.data('mutation ($jti: ID!) { blacklistToken(jti: $jti) { status } }', { jti: await jtiOfSomebody() }),
    },
  ];
}
