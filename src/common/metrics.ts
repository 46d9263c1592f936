import type { ErrorCode } from './error-catalogue.js';

/** By what somebody signs in. */
export const signInMethods = ['password', 'second_factor', 'passkey'] as const;
export type SignInMethod = (typeof signInMethods)[number];

/** How a sign-in ends, but for faults of the server. */
export const signInResults = ['ok', 'second_factor_asked', 'wrong', 'throttled', 'refused'] as const;
export type SignInResult = (typeof signInResults)[number];

/** How a refresh ends, but for faults of the server. */
export const refreshResults = ['ok', 'repeated', 'reused', 'refused'] as const;
export type RefreshResult = (typeof refreshResults)[number];

/** What lets nobody do something too often. */
export const limits = ['sign_in', 'second_factor', 'request'] as const;
export type Limit = (typeof limits)[number];

/** `unknown` where a document was refused before it was looked at. */
export const operationTypes = ['query', 'mutation', 'subscription', 'unknown'] as const;
export type OperationType = (typeof operationTypes)[number];

/**
 * What is counted while the program runs. Every word in it is from a closed list: what clients choose, such as names and
 * paths, would make as many series as they like.
 */
export interface Metrics {
  signIn(method: SignInMethod, result: SignInResult): void;
  refresh(result: RefreshResult): void;
  /** A cause of the revocation matrix took effect. */
  revocation(cause: string): void;
  /** A limit was reached, and somebody turned away. */
  throttled(limit: Limit): void;
  /** An operation was answered; `code` is that of its first error. */
  operation(type: OperationType, code: ErrorCode | 'OK'): void;
  queryCost(cost: number): void;
  httpRequest(status: number, milliseconds: number): void;
}

const nothing = () => undefined;

/** Counts nothing. */
export const noMetrics: Metrics = {
  signIn: nothing,
  refresh: nothing,
  revocation: nothing,
  throttled: nothing,
  operation: nothing,
  queryCost: nothing,
  httpRequest: nothing,
};
