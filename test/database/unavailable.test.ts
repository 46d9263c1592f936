import { GraphQLError } from 'graphql';
import { DatabaseTimeoutError } from '../../src/database/timing.js';
import { isDatabaseUnavailable } from '../../src/database/unavailable.js';

const coded = (code: string, more: object = {}): Error => Object.assign(new Error('something'), { code, ...more });

test.each([
  ['a refused connection', coded('ECONNREFUSED')],
  ['a reset connection', coded('ECONNRESET')],
  ['an unknown host', coded('ENOTFOUND')],
  ['a missing Unix socket', coded('ENOENT', { syscall: 'connect' })],
  ['a connection exception', coded('08006')],
  ['a shutdown', coded('57P01')],
  ['a crash', coded('57P02')],
  ['a start-up', coded('57P03')],
  ['too many connections', coded('53300')],
  ['a full disk', coded('53100')],
  ['a statement timeout', coded('57014')],
  ['a read-only standby', coded('25006')],
  ['an idle transaction that was cut', coded('25P03')],
  ['a lost connection', new Error('Connection terminated unexpectedly')],
  ['an exhausted pool', new Error('timeout exceeded when trying to connect')],
  ['a silent server', new Error('Query read timeout')],
  ['our own timeout', new DatabaseTimeoutError('no answer')],
  ['a cause two levels down', new Error('a', { cause: new Error('b', { cause: coded('ECONNREFUSED') }) })],
  ['both addresses of a host refused', new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')])],
  ['what GraphQL wraps', new GraphQLError('x', { originalError: coded('57P01') })],
])('%s counts as unavailable', (_name, error) => {
  expect(isDatabaseUnavailable(error)).toBe(true);
});

const circular = new Error('round');
circular.cause = circular;

test.each([
  ['a broken constraint', coded('23505')],
  ['a missing table', coded('42P01')],
  ['a wrong password', coded('28P01')],
  ['a missing file', coded('ENOENT', { syscall: 'open' })],
  ['an ordinary error', new TypeError('x is not a function')],
  ['an error that causes itself', circular],
  ['no error at all', 'ECONNREFUSED'],
  ['nothing', null],
])('%s does not count as unavailable', (_name, error) => {
  expect(isDatabaseUnavailable(error)).toBe(false);
});
