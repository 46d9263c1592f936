import { testsOf } from './answer.js';

export const bearer = testsOf('test/auth/bearer.test.ts');
export const codec = testsOf('test/auth/token-codec.test.ts');
export const configFaults = testsOf('test/config/faults.test.ts');
const conformance = testsOf('test/conformance/simplejwt-cases.test.ts');
export const flush = testsOf('test/auth/flush.test.ts');
export const flushCommand = testsOf('test/cli/commands.test.ts');
export const keys = testsOf('test/auth/signing-keys.test.ts');
export const peers = testsOf('test/peers.test.ts');
export const refresh = testsOf('test/auth/refresh.test.ts');
export const revocation = testsOf('test/auth/revocation.test.ts');
export const sessions = testsOf('test/auth/sessions.test.ts');
export const signIn = testsOf('test/auth/sign-in.test.ts');
export const story = testsOf('test/story.test.ts');
export const users = testsOf('test/users/users.test.ts');

const withBearer = 'with %s: public fields answer, protected ones fail with the reason';

/** What a bearer header gets that is no good. */
export const refusedBearer = (row: string) => bearer(withBearer, row);

export const refreshReasons = refresh('each refusal names its reason');
export const refreshOfGoneUsers = refresh(
  'the token of a user who was deactivated, deleted or got another password is refused',
);
export const sameAnswerToBadCredentials = signIn(
  'an unknown user, a wrong password and an inactive account get one answer, after the same work',
);
export const verifyReasons = sessions('names the reason of what is no good');
export const fieldsDue = conformance('%s is refused without %s, before anything runs');
export const wholeRefresh = conformance('a refresh gives both tokens their whole lifetime from that moment on');
export const outstanding = conformance('a sign-in records its refresh token, never as text, and no access token');
