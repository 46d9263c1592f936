import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types for the operations in this folder; `npm run codegen` writes them. Paths are relative to the project's root. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['examples/typed-client/operations.ts'],
  importExtension: '.js',
  generates: {
    'examples/typed-client/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumType: 'string-literal',
        defaultScalarType: 'unknown',
        scalars: { DateTimeISO: 'string' },
      },
    },
  },
};

export default config;
