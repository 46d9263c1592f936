/** Imports run one way: common, database, modules, graphql, http, app, server and commands. */
const layer = (name, allowed) => ({
  name: `${name}-imports-downwards`,
  severity: 'error',
  comment: `src/${name} may import only from ${allowed.join(', ')} and itself.`,
  from: { path: `^src/${name}/` },
  to: { path: '^(src|mikro-orm)', pathNot: [...allowed, name].map((folder) => `^src/${folder}([./]|$)`) },
});

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-tests-in-the-program', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '@graphql-yoga/render-graphiql|pino-pretty|@types/' },
    },
    layer('common', []),
    layer('config', ['common']),
    layer('database', ['common', 'config']),
    layer('modules', ['common', 'config', 'database']),
    layer('metrics', ['common', 'config', 'database', 'modules']),
    layer('graphql', ['common', 'config', 'modules']),
    layer('http', ['common', 'config', 'graphql']),
    {
      name: 'features-do-not-know-each-other',
      severity: 'error',
      comment: 'users, mail and outbox stand below auth and posts; auth and posts do not know each other.',
      from: { path: '^src/modules/([^/]+)/', pathNot: '^src/modules/(accounts|administration)/' },
      to: {
        path: '^src/modules/[^/]+/',
        pathNot: ['^src/modules/$1/', '^src/modules/(users|security-events|mail|outbox)/'],
      },
    },
    {
      name: 'accounts-and-administration-stand-on-auth',
      severity: 'error',
      from: { path: '^src/modules/(accounts|administration)/' },
      to: { path: '^src/modules/', pathNot: '^src/modules/($1|auth|mail|outbox|security-events|users)/' },
    },
    {
      name: 'users-stands-below',
      severity: 'error',
      from: { path: '^src/modules/users/' },
      to: { path: '^src/modules/(accounts|administration|auth|mail|outbox|posts|security-events)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
