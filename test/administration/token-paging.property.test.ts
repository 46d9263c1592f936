import fc from 'fast-check';
import type { TokenStatus } from '../../src/modules/administration/outstanding-token.types.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { openTokensDatabase, type TokenRow, type TokensDatabase } from './tokens-database.js';

describe.each(ordinaryDatabaseKinds)('pages of outstanding tokens, on %s', (kind) => {
  interface Walk {
    readonly user: 0 | 1 | null;
    readonly status: TokenStatus | null;
    readonly direction: 'forward' | 'backward';
    readonly size: number;
  }

  /** A token as the generator makes it: of one of two users, expiring some milliseconds from the start. */
  interface NewToken {
    readonly jti: string;
    readonly user: 0 | 1;
    readonly expiresIn: number;
    readonly rotated: boolean;
    readonly blacklisted: boolean;
  }

  /** What happens between two pages. */
  type Step = { add: NewToken } | { rotate: number } | { blacklist: number } | { tick: number };

  let database: TokensDatabase;

  beforeAll(async () => {
    database = await openTokensDatabase(kind);
  });
  afterAll(() => database.close());

  const start = Date.UTC(2026, 0, 1);
  const newTokens: fc.Arbitrary<NewToken> = fc.record({
    jti: fc.uuid(),
    user: fc.constantFrom<0 | 1>(0, 1),
    expiresIn: fc.integer({ min: -1, max: 2 }),
    rotated: fc.boolean(),
    blacklisted: fc.boolean(),
  });
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      newTokens.map((add) => ({ add })),
      fc.nat().map((rotate) => ({ rotate })),
      fc.nat().map((blacklist) => ({ blacklist })),
      fc.constant({ tick: 1 }),
    ),
    { maxLength: 3 },
  );
  const walks: fc.Arbitrary<Walk> = fc.record({
    user: fc.option(fc.constantFrom<0 | 1>(0, 1)),
    status: fc.option(fc.constantFrom<TokenStatus>('ACTIVE', 'ROTATED', 'BLACKLISTED', 'EXPIRED')),
    direction: fc.constantFrom<Walk['direction']>('forward', 'backward'),
    size: fc.integer({ min: 0, max: 4 }),
  });

  test('every page is what the model has behind the cursor at that moment, whatever happens to the tokens', async () => {
    const history = fc.array(steps, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(walks, fc.array(newTokens, { maxLength: 12 }), history, async (walk, tokens, later) => {
        await database.clear();
        database.clock.time = start;
        const model = new Map<string, TokenRow>();
        for (const add of tokens) await change(model, { add });
        let cursor: string | null = null;
        let last: TokenRow | null = null;
        for (const happenings of later) {
          const list = listOf(model, walk);
          const page = await readPage(walk, cursor);
          const { expected, more, behind } = cut(list, walk, last);
          expect(page.nodes).toEqual(expected.map((token) => ({ jti: token.jti, status: statusOf(token) })));
          expect(page.totalCount).toBe(list.length);
          expect(page.more).toBe(more);
          expect(page.behind).toBe(behind);
          if (page.cursor === null) break;
          cursor = page.cursor;
          last = (walk.direction === 'forward' ? expected.at(-1) : expected.at(0)) ?? null;
          for (const step of happenings) await change(model, step);
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  async function readPage({ user, status, direction, size }: Walk, cursor: string | null) {
    const forward = direction === 'forward';
    const window = forward ? { first: size, after: cursor } : { last: size, before: cursor };
    const filter = { userId: user === null ? null : userIdOf(user), status };
    const { nodes, pageInfo, totalCount } = database.service.page(database.fork(), { ...window, filter });
    return {
      nodes: (await nodes).map(({ jti, status }) => ({ jti, status })),
      totalCount: await totalCount,
      cursor: await (forward ? pageInfo.endCursor : pageInfo.startCursor),
      more: await (forward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage),
      behind: await (forward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage),
    };
  }

  /** The page as Relay's specification describes it, over the whole list in the list's order. */
  function cut(list: TokenRow[], { direction, size }: Walk, last: TokenRow | null) {
    const forward = direction === 'forward';
    const inReadingOrder = forward ? list : list.toReversed();
    const ahead = inReadingOrder.filter((token) => last === null || compare(token, last) * (forward ? 1 : -1) > 0);
    const expected = ahead.slice(0, size);
    return {
      expected: forward ? expected : expected.toReversed(),
      more: ahead.length > size,
      behind: last !== null && ahead.length < list.length,
    };
  }

  function listOf(model: Map<string, TokenRow>, { user, status }: Walk): TokenRow[] {
    return [...model.values()]
      .filter((token) => user === null || token.userId === userIdOf(user))
      .filter((token) => status === null || statusOf(token) === status)
      .sort(compare);
  }

  /** The contract's words: BLACKLISTED before EXPIRED before ROTATED before ACTIVE. */
  function statusOf({ blacklisted, rotated, expiresAt }: TokenRow): TokenStatus {
    if (blacklisted) return 'BLACKLISTED';
    if (expiresAt.getTime() <= database.clock.time) return 'EXPIRED';
    return rotated ? 'ROTATED' : 'ACTIVE';
  }

  /** The last to expire comes first. */
  function compare(a: TokenRow, b: TokenRow): number {
    const difference = b.expiresAt.getTime() - a.expiresAt.getTime();
    if (difference !== 0) return difference;
    return a.jti < b.jti ? 1 : -Number(a.jti > b.jti);
  }

  function userIdOf(user: 0 | 1): string {
    return database.userIds[user];
  }

  async function change(model: Map<string, TokenRow>, step: Step): Promise<void> {
    if ('tick' in step) {
      database.clock.time += step.tick;
      return;
    }
    const changed = 'add' in step ? added(model, step.add) : altered(model, step);
    if (changed === undefined) return;
    model.set(changed.jti, changed);
    await database.put(changed);
  }

  function added(model: Map<string, TokenRow>, { jti, user, expiresIn, ...rest }: NewToken): TokenRow | undefined {
    if (model.has(jti)) return undefined;
    return { jti, userId: userIdOf(user), expiresAt: new Date(start + expiresIn), ...rest };
  }

  function altered(
    model: Map<string, TokenRow>,
    step: { rotate: number } | { blacklist: number },
  ): TokenRow | undefined {
    const index = 'rotate' in step ? step.rotate : step.blacklist;
    const token = [...model.values()][index % Math.max(1, model.size)];
    return token && { ...token, ...('rotate' in step ? { rotated: true } : { blacklisted: true }) };
  }
});
