import fc from 'fast-check';
import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { faultAfter, record, verify } from './support.js';

const alice = '00000000-0000-7000-8000-00000000000a';
const bob = '00000000-0000-7000-8000-00000000000b';
const length = 6;

/** The event at a position. */
const at = (position: number) => `(select event_id from security_event_seals where position = ${position})`;

describe.each(ordinaryDatabaseKinds)('the chain of security events, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    expect(await verify(instance)).toMatchObject({ base: { position: 0 }, head: { position: 0 } });
    await record(instance);
    await record(instance, { type: 'signed_in', userId: alice, actorId: alice, sessionId: bob });
    await record(instance, { type: 'role_changed', userId: alice, actorId: bob, detail: 'ADMIN' });
    await record(instance, { ipAddress: '192.0.2.1', userAgent: 'Zürich – 東京 🔑 1:x,-,' });
    await record(instance, { userId: alice, ipAddress: '', userAgent: '' });
    await record(instance, { detail: '' });
  });
  afterAll(() => instance.stop());

  test('is whole as it is written, with every kind of text', async () => {
    const { base, head } = await verify(instance);
    expect([base.position, head.position]).toEqual([0, length]);
    expect(await faultAfter(instance, [])).toBe('nothing');
  });

  test('ends at the same hash by another hand: the format is SHA-256 over netstrings', async () => {
    const { head } = await verify(instance);
    const [row] = await instance.app.database.fork().execute<{ hash: string }[]>(`
      select encode(sha256(s.hash || security_event_bytes(e)), 'hex') as hash
      from security_event_seals s, security_events e where s.position = ${length - 1} and e.id = ${at(length)}`);
    expect(row?.hash).toBe(head.hash);
  });

  test.each([
    [
      'a changed event',
      [`update security_events set detail = 'USER' where id = ${at(3)}`],
      /^Position 3: .* not what was/,
    ],
    [
      'a changed time',
      [`update security_events set created_at = 'infinity' where id = ${at(3)}`],
      /^Position 3: .* not/,
    ],
    ['a deleted event', [`delete from security_events where id = ${at(2)}`], /^Position 2: the event .* is missing/],
    ['a deleted seal', ['delete from security_event_seals where position = 2'], /^Position 2: the seal is missing/],
    ['a seal before the beginning', [`insert into security_event_seals values (0, '${alice}', '')`], /at position 0/],
    [
      'an event with its seal cut out',
      [`delete from security_events where id = ${at(2)}`, 'delete from security_event_seals where position = 2'],
      /^Position 2: the seal is missing/,
    ],
    [
      'an end that was cut off',
      [`delete from security_events where id = ${at(6)}`, 'delete from security_event_seals where position = 6'],
      /^The chain ends at 5:\w+, but its head says 6:/,
    ],
    ['a head that differs', [`update security_event_chain set hash = sha256('')`], /^The chain ends at 6:\w+, but/],
    ['a base that differs', ['update security_event_chain set base_position = 1'], /^There is a seal at position 1/],
    ['no base and no head', ['delete from security_event_chain'], /begins and ends is gone/],
    [
      'an event slipped in',
      [`insert into security_events (id, type, created_at) values ('${alice}', 'signed_in', now())`],
      new RegExp(`^The event ${alice} has no seal`),
    ],
    [
      'two events in each other’s place',
      [
        `create temp table swapped on commit drop as select * from security_event_seals where position in (2, 3)`,
        'delete from security_event_seals where position in (2, 3)',
        'insert into security_event_seals select 5 - position, event_id, hash from swapped',
      ],
      /^Position 2: .* not what was/,
    ],
    [
      'nothing left at all',
      ['delete from security_events', 'delete from security_event_seals'],
      /^The chain ends at 0:/,
    ],
  ])('tells of %s', async (_name, work, message) => {
    expect(await faultAfter(instance, work)).toMatch(message);
  });

  /** What a thief with every right does who knows how the chain is made. */
  const writtenAnew = [
    `update security_events set actor_id = null where id = ${at(3)}`,
    `do $$ declare
        link record;
        before bytea := decode(repeat('00', 32), 'hex');
      begin
        for link in select s.position, e from security_event_seals s join security_events e on e.id = event_id order by 1 loop
          before := sha256(before || security_event_bytes(link.e));
          update security_event_seals set hash = before where position = link.position;
        end loop;
        update security_event_chain set hash = before;
      end $$`,
  ];

  test('written anew as a whole is whole, and does not fit a head that was noted down before', async () => {
    const { head: anchor } = await verify(instance);
    expect(await faultAfter(instance, writtenAnew)).toBe('nothing');
    expect(await faultAfter(instance, writtenAnew, { anchor })).toMatch(
      /^Position 6: the hash is \w{64}, not the noted/,
    );
    expect(await faultAfter(instance, [], { anchor })).toBe('nothing');
  });

  test('that was cut off with its head, or purged beyond it, does not reach the noted head', async () => {
    const { base, head: anchor } = await verify(instance);
    const cutOff = [
      `delete from security_events where id = ${at(6)}`,
      'delete from security_event_seals where position = 6',
      'update security_event_chain set (position, hash) = (select position, hash from security_event_seals where position = 5)',
    ];
    expect(await faultAfter(instance, cutOff)).toBe('nothing');
    expect(await faultAfter(instance, cutOff, { anchor })).toMatch(/^The chain ends at position 5, before the noted 6/);
    const purged = [
      `delete from security_events where id = ${at(1)}`,
      'update security_event_chain set (base_position, base_hash) = (select position, hash from security_event_seals where position = 1)',
      'delete from security_event_seals where position = 1',
    ];
    expect(await faultAfter(instance, purged)).toBe('nothing');
    expect(await faultAfter(instance, purged, { anchor })).toBe('nothing');
    expect(await faultAfter(instance, purged, { anchor: base })).toMatch(/^Position 0 has been purged/);
  });

  const positions = fc.integer({ min: 1, max: length });
  const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }).filter((text) => !/['\0\\]/.test(text));
  const nullable = (value: fc.Arbitrary<string>) => fc.oneof(value, fc.constant('null'));
  const quoted = (value: fc.Arbitrary<string>) => value.map((text) => `'${text}'`);
  const ids = quoted(fc.uuid());
  const times = fc.integer({ min: 0, max: 9e12 }).map((ms) => `to_timestamp(${ms} / 1000.0)`);
  const hashes = quoted(
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => `\\x${Buffer.from(b).toString('hex')}`),
  );
  const columnOf = (table: string, column: string, value: fc.Arbitrary<string>, where: (position: number) => string) =>
    fc
      .record({ value, position: positions })
      .map(({ value: to, position }) => [
        `update ${table} set ${column} = ${to} where ${where(position)} and ${column} is distinct from ${to}`,
      ]);
  const event = (column: string, value: fc.Arbitrary<string>) =>
    columnOf('security_events', column, value, (position) => `id = ${at(position)}`);
  const seal = (column: string, value: fc.Arbitrary<string>) =>
    columnOf('security_event_seals', column, value, (position) => `position = ${position}`);
  const chain = (column: string, value: fc.Arbitrary<string>) =>
    columnOf('security_event_chain', column, value, () => 'true');
  const tampering = fc.oneof(
    event('id', ids),
    event('type', quoted(texts)),
    ...['user_id', 'actor_id', 'session_id'].map((column) => event(column, nullable(ids))),
    ...['ip_address', 'user_agent', 'detail'].map((column) => event(column, nullable(quoted(texts)))),
    event('created_at', times),
    seal('position', fc.integer({ min: length + 1, max: 99 }).map(String)),
    seal('event_id', ids),
    seal('hash', hashes),
    chain('base_position', fc.integer({ min: -9, max: 9 }).map(String)),
    chain('position', fc.integer({ min: -9, max: 9 }).map(String)),
    chain('base_hash', hashes),
    chain('hash', hashes),
    positions.map((position) => [`delete from security_events where id = ${at(position)}`]),
    positions.map((position) => [`delete from security_event_seals where position = ${position}`]),
    fc
      .uniqueArray(positions, { minLength: 2, maxLength: 2 })
      .map(([one = 0, other = 0]) => [
        `create temp table swapped on commit drop as select * from security_event_seals where position in (${one}, ${other})`,
        `delete from security_event_seals where position in (${one}, ${other})`,
        `insert into security_event_seals select ${one + other} - position, event_id, hash from swapped`,
      ]),
  );

  test('whatever single thing is changed, deleted or swapped, it is found', async () => {
    const state = `select md5(string_agg(row::text, ',' order by row::text)) as state from (
      select e::text as row from security_events e union all select s::text from security_event_seals s
      union all select c::text from security_event_chain c) all_rows`;
    const stateAfter = (work: readonly string[]) => changed(instance, work, state);
    const untouched = await stateAfter([]);
    await fc.assert(
      fc.asyncProperty(tampering, async (work) => {
        fc.pre((await stateAfter(work)) !== untouched);
        expect(await faultAfter(instance, work)).not.toBe('nothing');
      }),
      { numRuns: 250 },
    );
  }, 120_000);
});

/** What the query says after the work, which is then undone. */
async function changed({ app }: TestApp, work: readonly string[], query: string): Promise<string> {
  const em = app.database.fork();
  await em.begin();
  try {
    await em.execute('set local session_replication_role = replica');
    for (const statement of work) await em.execute(statement);
    const [row] = await em.execute<{ state: string }[]>(query);
    return row?.state ?? '';
  } finally {
    await em.rollback();
  }
}
