import shared from '../jest.config.js';

/** Benchmarks run as tests do, one after the other and only when asked for. */
/** @type {import('jest').Config} */
export default {
  ...shared,
  rootDir: '..',
  testMatch: ['<rootDir>/bench/**/*.bench.ts'],
  testTimeout: 900_000,
  maxWorkers: 1,
};
