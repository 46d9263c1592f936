import { testsOf } from './answer.js';

export const bearer = testsOf('test/auth/bearer.test.ts');
export const codec = testsOf('test/auth/token-codec.test.ts');
export const configFaults = testsOf('test/config/faults.test.ts');
const conformance = testsOf('test/conformance/simplejwt-cases.test.ts');
export const extensions = testsOf('test/auth/extensions.test.ts');
export const flush = testsOf('test/auth/flush.test.ts');
export const flushCommand = testsOf('test/cli/commands.test.ts');
export const jwkUrl = testsOf('test/auth/keys/jwk-url.test.ts');
export const keys = testsOf('test/auth/signing-keys.test.ts');
export const outstandingTokens = testsOf('test/administration/outstanding-tokens.test.ts');
export const peers = testsOf('test/peers.test.ts');
export const refresh = testsOf('test/auth/refresh.test.ts');
export const revocation = testsOf('test/auth/revocation.test.ts');
export const sessions = testsOf('test/auth/sessions.test.ts');
export const signIn = testsOf('test/auth/sign-in.test.ts');
export const sliding = testsOf('test/auth/sliding.test.ts');
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
export const fieldsDue = conformance('%s is refused without its %s, before anything runs');
export const wholeRefresh = conformance('a refresh gives both tokens their whole lifetime from that moment on');
export const outstanding = conformance('a sign-in records its refresh token, never as text, and no access token');
export const idUnderAnyName = conformance(
  'whatever its name, the user’s claim is the id: a token is listed with its user and time, also once blacklisted',
);
export const idOfNobody = conformance(
  'whatever the claim’s name, the token of a deleted user is not there to be blacklisted, and is refused',
);

/** What a sliding token says, and that it is taken. */
export const newSlidingToken = sliding(
  'a sliding token says what an access token says, and until when it can be refreshed',
);
export const slidingBearer = sliding('a sliding token is accepted as a bearer, beside access tokens');
export const refusedRefreshOfSliding = (row: string) => sliding('refreshSlidingToken refuses %s', row);
export const expiredSliding = sliding(
  'an expired one is no bearer any more, but can be refreshed until its refresh_exp',
);
export const slidingRefresh = sliding('a refresh moves exp and iat, and keeps jti, session and refresh_exp');
export const endOfSliding = (row: string) => sliding('%s: no bearer, no refresh', row);
export const sameAnswerForSliding = sliding('an unknown user, a wrong password and an inactive account get one answer');
