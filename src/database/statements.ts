import type { Options } from '@mikro-orm/sql';
import type { DatabaseConnection } from 'kysely';

/** Options that call `onStatement` for every statement, whichever way it takes: entities, the query builder or Kysely. */
export function observeStatements(onStatement: ((sql: string) => void) | undefined): Options {
  if (!onStatement) return {};
  return {
    onCreateConnection: async (connection) => {
      if (!isConnection(connection)) return;
      const execute = connection.executeQuery.bind(connection);
      connection.executeQuery = (query, options) => {
        onStatement(query.sql);
        return execute(query, options);
      };
    },
  };
}

function isConnection(value: unknown): value is DatabaseConnection {
  return typeof value === 'object' && value !== null && 'executeQuery' in value;
}
