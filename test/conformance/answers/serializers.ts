import { different, none, same } from '../answer.js';
import {
  bearer,
  codec,
  endOfSliding,
  expiredSliding,
  extensions,
  fieldsDue,
  newSlidingToken,
  peers,
  refresh,
  refreshOfGoneUsers,
  refreshReasons,
  refusedRefreshOfSliding,
  sameAnswerToBadCredentials,
  sessions,
  signIn,
  sliding,
  slidingBearer,
  slidingRefresh,
  story,
  verifyReasons,
  wholeRefresh,
} from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

const builtAnew = 'Claims are not copied from the refresh token: they are built anew.';
const claimsAnew = refresh('the claims are built anew: a new role is in the next access token');
const alwaysThere = none('What is blacklisted stands in the table of tokens, which cannot be left out.');

export const serializers: AnswersTo<'test_serializers.py'> = {
  TestTokenObtainSerializer: {
    test_it_should_not_validate_if_any_fields_missing: same(fieldsDue),
    test_it_should_not_validate_if_user_not_found: same(sameAnswerToBadCredentials),
    test_it_should_pass_validate_if_request_not_in_context: none('Services are handed what they need, and no request.'),
    test_it_should_raise_if_user_not_active: same(
      sameAnswerToBadCredentials,
      signIn('a user who is %s while the password is checked gets no session', 'deactivated'),
    ),
    test_it_should_validate_if_user_inactive_but_rule_allows: different(
      'The check is always on, and no rule can lift it.',
      extensions('lets in nobody who is not active'),
    ),
  },
  TestTokenObtainSlidingSerializer: {
    test_it_should_produce_a_json_web_token_when_valid: same(newSlidingToken, slidingBearer),
  },
  TestTokenObtainPairSerializer: {
    test_it_should_produce_a_json_web_token_when_valid: same(story('the claims are those of the contract')),
  },
  TestTokenRefreshSlidingSerializer: {
    test_it_should_not_validate_if_token_invalid: different(
      'Without `exp` it is refused as well; one that has expired can be refreshed until its `refresh_exp`.',
      refusedRefreshOfSliding('one without exp'),
      expiredSliding,
    ),
    test_it_should_raise_token_error_if_token_has_no_refresh_exp_claim: same(
      refusedRefreshOfSliding('one without refresh_exp'),
    ),
    test_it_should_raise_token_error_if_token_has_refresh_period_expired: same(
      refusedRefreshOfSliding('one whose refresh_exp has passed'),
      expiredSliding,
    ),
    test_it_should_raise_token_error_if_token_has_wrong_type: same(
      refusedRefreshOfSliding('one of a type that is none'),
      refusedRefreshOfSliding('an access token'),
      refusedRefreshOfSliding('a refresh token'),
    ),
    test_it_should_update_token_exp_claim_if_everything_ok: same(slidingRefresh),
    test_it_should_raise_error_for_deleted_users: same(endOfSliding('when the user is deleted')),
    test_it_should_raise_error_for_inactive_users: same(endOfSliding('when the user is deactivated')),
    test_sliding_token_should_fail_after_password_change: same(
      endOfSliding('when the password changes'),
      sliding('a token from before a password change is not refreshed, although its own session goes on'),
    ),
    test_sliding_token_should_blacklist_after_password_change: different(
      'Its session ends when the password changes, not when the token is next used.',
      endOfSliding('when the password changes'),
    ),
  },
  TestTokenRefreshSerializer: {
    test_it_should_raise_error_for_deleted_users: same(refreshOfGoneUsers),
    test_it_should_raise_error_for_inactive_users: same(refreshOfGoneUsers),
    test_it_should_return_access_token_for_active_users: same(wholeRefresh),
    test_it_should_raise_token_error_if_token_invalid: same(refreshReasons, codec('%s is refused', 'no exp')),
    test_it_should_raise_token_error_if_token_has_wrong_type: same(
      refreshReasons,
      codec('a token of the other type, or of none that we know, has the wrong type'),
    ),
    test_it_should_return_access_token_if_everything_ok: different(builtAnew, wholeRefresh, claimsAnew),
    test_it_should_return_refresh_token_if_tokens_should_be_rotated: different(
      builtAnew,
      refresh('without blacklisting the old token goes on working beside the new one'),
      wholeRefresh,
    ),
    test_it_should_blacklist_refresh_token_if_tokens_should_be_rotated_and_blacklisted: different(
      'Within the grace period the old token gets the same successor again; after it, its use ends the session.',
      story('a refresh answers with a new pair, and the old token is refused'),
      refresh('a lost answer is repeated: within the grace period the same token gets the same successor'),
      wholeRefresh,
    ),
    test_blacklist_app_not_installed_should_pass: alwaysThere,
    test_refresh_token_should_fail_after_password_change: same(
      refreshOfGoneUsers,
      peers('hasura-auth, Saleor: a new password ends every refresh and access token from before'),
    ),
    test_refresh_token_should_blacklist_after_password_change: different(
      'It is blacklisted when the password changes, not when it is next used.',
      refreshOfGoneUsers,
    ),
  },
  TestTokenVerifySerializer: {
    test_it_should_raise_token_error_if_token_invalid: same(verifyReasons, codec('%s is refused', 'no exp')),
    test_it_should_not_raise_token_error_if_token_has_wrong_type: different(
      'Access and refresh tokens are both taken, and told apart; a type that is none is refused.',
      sessions('says what a good %s says'),
      bearer('with %s: public fields answer, protected ones fail with the reason', 'a token of another type'),
    ),
    test_it_should_return_given_token_if_everything_ok: different(
      'The answer says what the token says, instead of nothing.',
      sessions('says what a good %s says'),
    ),
  },
  TestTokenBlacklistSerializer: {
    test_it_should_raise_token_error_if_token_invalid: different(
      '`revokeToken` is true for dead tokens, as RFC 7009 has it; `logout` refuses them.',
      sessions('is true for whatever else it is given'),
      sessions('a token that is no good ends nothing (%j)'),
    ),
    test_it_should_raise_token_error_if_token_has_wrong_type: different(
      '`revokeToken` takes either type, as RFC 7009 has it; `logout` refuses an access token.',
      sessions('whoever holds the %s ends its session'),
      sessions('a token that is no good ends nothing (%j)'),
    ),
    test_it_should_return_nothing_if_everything_ok: same(sessions('whoever holds the %s ends its session')),
    test_it_should_blacklist_refresh_token_if_everything_ok: same(
      sessions('whoever holds the %s ends its session'),
      sessions("with a refresh token ends that token's session"),
    ),
    test_blacklist_app_not_installed_should_pass: alwaysThere,
  },
};
