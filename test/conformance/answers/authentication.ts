import { different, none, same } from '../answer.js';
import { bearer, codec, refusedBearer, revocation, sliding, slidingBearer, story } from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

const userOfToken = [
  refusedBearer('a token without a session'),
  codec('%s is refused', 'an empty user'),
  revocation('%s', 'the deletion of the user'),
  revocation('%s', 'a deactivation'),
] as const;

export const authentication: AnswersTo<'test_authentication.py'> = {
  TestJWTAuthentication: {
    test_get_header: same(refusedBearer('no header'), bearer('is read under any case of its name')),
    test_get_header_x_access_token: same(bearer('JWT_AUTH_HEADER_NAME names the header')),
    test_get_raw_token: same(
      refusedBearer('an empty header'),
      refusedBearer('a scheme without a token'),
      refusedBearer('two tokens'),
    ),
    test_get_raw_token_incorrect_header_keyword: same(
      bearer('JWT_AUTH_HEADER_TYPES names the schemes, the first of them in answers'),
      refusedBearer('another scheme'),
    ),
    test_get_raw_token_multi_header_keyword: same(
      bearer('JWT_AUTH_HEADER_TYPES names the schemes, the first of them in answers'),
    ),
    test_get_validated_token: same(
      refusedBearer('an expired token'),
      bearer('is believed for five minutes, to the second'),
    ),
    test_get_validated_token_reject_unknown_token: same(
      refusedBearer('a token of another type'),
      refusedBearer('a refresh token'),
      sliding('are off by default: FORBIDDEN names the setting, and one that is signed is of a wrong type'),
      sliding('JWT_AUTH_TOKEN_CLASSES=sliding accepts no access token as a bearer'),
    ),
    test_get_validated_token_accept_known_token: same(slidingBearer),
    test_get_user: same(...userOfToken, bearer('may be spelled %s')),
    test_get_inactive_user: different(
      'The check is always on: nobody who is inactive is let in, whatever is set.',
      ...userOfToken,
    ),
    test_get_user_with_check_revoke_token: different(
      'The check is always on, and its claim is a version number instead of a hash of the password hash.',
      ...userOfToken,
      revocation('%s', 'a new password'),
    ),
    test_get_user_with_str_user_id_claim: same(story('the claims are those of the contract')),
  },
  TestJWTStatelessUserAuthentication: {
    test_get_user: different(
      'Every bearer is read without the database; what has been revoked is known in memory.',
      revocation('the check costs no statement'),
      codec('%s is refused', 'an empty user'),
    ),
    test_custom_tokenuser: none('The viewer is a tagged union of the program, which no class of others replaces.'),
  },
};
