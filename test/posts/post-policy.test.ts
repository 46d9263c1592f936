import fc from 'fast-check';
import type { Viewer } from '../../src/common/viewer.js';
import { canEditPost, canSeePost, visibleScopes } from '../../src/modules/posts/post.policy.js';

const ids = fc.constantFrom('alice', 'bob', 'carol');
const statuses = fc.constantFrom('DRAFT' as const, 'PUBLISHED' as const);
const viewers: fc.Arbitrary<Viewer> = fc.oneof(
  fc.constant<Viewer>({ kind: 'anonymous', reason: 'MISSING' }),
  fc.record({
    kind: fc.constant('user' as const),
    id: ids,
    role: fc.constantFrom('USER' as const, 'ADMIN' as const),
    sessionId: fc.constant('session'),
    authenticatedAt: fc.constant(new Date(0)),
  }),
);
const posts = fc.record({ status: statuses, authorId: ids });
const filters = fc.record({ status: fc.option(statuses), authorId: fc.option(ids) });

test('a list has a post exactly once if its viewer may see it and its filter wants it, and else never', () => {
  fc.assert(
    fc.property(viewers, posts, filters, (viewer, post, filter) => {
      const wanted =
        (filter.status ?? post.status) === post.status && (filter.authorId ?? post.authorId) === post.authorId;
      const holding = visibleScopes(viewer, filter).filter(
        ({ status, authorId }) => status === post.status && (authorId ?? post.authorId) === post.authorId,
      );
      expect(holding).toHaveLength(wanted && canSeePost(viewer, post) ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['an anonymous viewer', { kind: 'anonymous', reason: 'MISSING' }, { published: true, draft: false, edit: false }],
  ['a stranger', user('bob', 'USER'), { published: true, draft: false, edit: false }],
  ['the author', user('alice', 'USER'), { published: true, draft: true, edit: true }],
  ['an admin', user('bob', 'ADMIN'), { published: true, draft: true, edit: true }],
] satisfies [string, Viewer, object][])('%s sees and edits what the contract says', (_, viewer, expected) => {
  const authorId = 'alice';
  expect({
    published: canSeePost(viewer, { authorId, status: 'PUBLISHED' }),
    draft: canSeePost(viewer, { authorId, status: 'DRAFT' }),
    edit: canEditPost(viewer, { authorId }),
  }).toEqual(expected);
});

function user(id: string, role: 'USER' | 'ADMIN'): Viewer {
  return { kind: 'user', id, role, sessionId: 'session', authenticatedAt: new Date(0) };
}
