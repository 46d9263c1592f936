import { different, none, same } from '../answer.js';
import {
  bearer,
  codec,
  configFaults,
  idUnderAnyName,
  newSlidingToken,
  peers,
  refreshReasons,
  sessions,
  sliding,
  story,
  verifyReasons,
  wholeRefresh,
} from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

const contract = story('the claims are those of the contract');
const leeway = codec('with $leeway ms leeway, $sinceExpiry ms after expiry: accepted $accepted');
const tokenObject = none('Claims are a plain object of the language, which needs no methods to be read and written.');
const alwaysClaimed =
  'The claim has the name that is set, and cannot be left out: without it nothing could be told of a token.';
const claimNames = bearer('the claims of user id, jti and type go by the names that are set');

export const tokens: AnswersTo<'test_tokens.py'> = {
  TestToken: {
    test_type_checking: none("It is about Python's typing."),
    test_init_no_token_type_or_lifetime: none('Every token has type and lifetime: the compiler asks for them.'),
    test_init_no_token_given: same(contract),
    test_init_token_given: same(
      codec('%s gives back every claim of an access token'),
      codec('%s gives back every claim of a refresh token'),
    ),
    test_init_bad_sig_token_given: same(codec('a %s token with any character changed is refused'), verifyReasons),
    test_init_bad_sig_token_given_no_verify: none('Nothing reads a token whose signature it has not verified.'),
    test_init_expired_token_given: same(verifyReasons, leeway),
    test_init_no_type_token_given: same(codec('%s is refused', 'no type')),
    test_init_wrong_type_token_given: same(
      codec('a token of the other type, or of none that we know, has the wrong type'),
      refreshReasons,
    ),
    test_init_no_jti_token_given: same(
      codec('an expired token without %s is malformed', 'jti'),
      peers('SimpleJWT 4: a correctly signed token without a jti is refused, not a fault of the server'),
    ),
    test_str: same(codec("a refresh token has SimpleJWT's layout and the session")),
    test_repr: tokenObject,
    test_getitem: tokenObject,
    test_setitem: tokenObject,
    test_delitem: tokenObject,
    test_contains: tokenObject,
    test_get: tokenObject,
    test_set_jti: same(wholeRefresh),
    test_optional_jti: different(alwaysClaimed, claimNames),
    test_optional_type_token: different(alwaysClaimed, claimNames, codec('%s is refused', 'no type')),
    test_set_exp: same(contract, wholeRefresh),
    test_set_iat: same(contract, wholeRefresh),
    test_check_exp: same(
      leeway,
      codec('%s is refused', 'no exp'),
      sliding('an expired one is no bearer any more, but can be refreshed until its refresh_exp'),
    ),
    test_check_token_not_expired_if_in_leeway: same(
      leeway,
      sliding('can be refreshed within JWT_LEEWAY after their refresh_exp'),
    ),
    test_check_token_if_wrong_type_leeway: same(
      configFaults('%s=%j is refused with one line that names it and its rule', 'JWT_LEEWAY'),
    ),
    test_for_user: same(contract),
    test_for_user_with_username: different(
      'There is no USER_ID_FIELD: whatever the claim is called, it holds the id, which never changes as names do.',
      idUnderAnyName,
    ),
    test_revoke_token_claim_included_in_authorization_token: different(
      'The claim is `token_version`, a number that says nothing of the password.',
      codec('an access token adds role, e-mail, the token version, and how and when the user signed in'),
      peers('SimpleJWT 8: no claim tells anything of the password or its hash'),
    ),
    test_get_token_backend: none('The codec is handed to whoever needs it: there is no global one to be found.'),
    test_token_user_id_claim_should_always_be_string: same(contract, codec('%s is refused', 'a number as user')),
  },
  TestSlidingToken: { test_init: same(newSlidingToken) },
  TestAccessToken: { test_init: same(contract) },
  TestRefreshToken: {
    test_init: same(contract),
    test_access_token: different(
      'Claims are not copied from the refresh token: they are built anew.',
      wholeRefresh,
      peers('SimpleJWT 5: a demoted admin is one no more with the next refresh, and the old access token is dead'),
    ),
  },
  TestUntypedToken: {
    test_it_should_accept_and_verify_any_type_of_token: same(
      sessions('says what a good %s says'),
      sliding('verifyToken says what a good one says'),
    ),
    test_it_should_expire_immediately_if_made_from_scratch: none('No token is without a type, so none is made so.'),
  },
};
