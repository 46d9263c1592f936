import { different, none, same } from '../answer.js';
import {
  codec,
  expiredSliding,
  extensions,
  fieldsDue,
  newSlidingToken,
  refresh,
  refreshReasons,
  refusedRefreshOfSliding,
  sameAnswerForSliding,
  sameAnswerToBadCredentials,
  sessions,
  signIn,
  sliding,
  slidingRefresh,
  story,
  verifyReasons,
  wholeRefresh,
} from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

const frameworks = none("It is about classes of Django REST framework. Resolvers are the program's own.");

export const views: AnswersTo<'test_views.py'> = {
  TestTokenObtainPairView: {
    test_fields_missing: same(fieldsDue),
    test_credentials_wrong: same(sameAnswerToBadCredentials),
    test_user_inactive: same(sameAnswerToBadCredentials),
    test_success: same(story('the claims are those of the contract')),
    test_update_last_login: different(
      'It is written by default.',
      signIn('JWT_UPDATE_LAST_LOGIN=false leaves the last sign-in alone'),
    ),
    test_update_last_login_updated: same(signIn('a sign-in is one session, with the time noted as the last one')),
    test_on_login_failed_is_called: different(
      'The hook gets the name that was typed, and no password, not even a masked one.',
      extensions('the other is told what was typed as the name, and never the password'),
    ),
  },
  TestTokenRefreshView: {
    test_fields_missing: different(
      'Without the argument the cookie counts; without both the reason is MISSING.',
      refreshReasons,
    ),
    test_it_should_return_401_if_token_invalid: same(refreshReasons, codec('%s is refused', 'no exp')),
    test_it_should_return_access_token_if_everything_ok: different(
      'Claims are not copied from the refresh token: they are built anew.',
      wholeRefresh,
      refresh('the claims are built anew: a new role is in the next access token'),
    ),
  },
  TestTokenObtainSlidingView: {
    test_fields_missing: same(fieldsDue),
    test_credentials_wrong: same(sameAnswerForSliding),
    test_user_inactive: same(sameAnswerForSliding),
    test_success: same(newSlidingToken),
    test_update_last_login: different(
      'It is written by default.',
      sliding('leave the last sign-in alone with JWT_UPDATE_LAST_LOGIN=false'),
    ),
    test_update_last_login_updated: same(
      sliding('a sign-in is counted, noted as the last one and recorded, and so is a failure'),
    ),
  },
  TestTokenRefreshSlidingView: {
    test_fields_missing: same(fieldsDue),
    test_it_should_return_401_if_token_invalid: different(
      'Without `exp` it is refused as well; one that has expired can be refreshed until its `refresh_exp`.',
      refusedRefreshOfSliding('one without exp'),
      expiredSliding,
    ),
    test_it_should_return_401_if_token_has_no_refresh_exp_claim: same(
      refusedRefreshOfSliding('one without refresh_exp'),
    ),
    test_it_should_return_401_if_token_has_refresh_period_expired: same(
      refusedRefreshOfSliding('one whose refresh_exp has passed'),
      expiredSliding,
    ),
    test_it_should_update_token_exp_claim_if_everything_ok: same(slidingRefresh),
  },
  TestTokenVerifyView: {
    test_fields_missing: same(fieldsDue),
    test_it_should_return_401_if_token_invalid: same(verifyReasons, codec('%s is refused', 'no exp')),
    test_it_should_return_200_if_everything_okay: same(sessions('says what a good %s says')),
    test_it_should_ignore_token_type: different(
      'Access and refresh tokens are both taken, and told apart; a type that is none is refused.',
      sessions('says what a good %s says'),
      codec('a token of the other type, or of none that we know, has the wrong type'),
    ),
  },
  TestTokenBlacklistView: {
    test_fields_missing: same(fieldsDue),
    test_it_should_return_401_if_token_invalid: different(
      '`revokeToken` is true for dead tokens, as RFC 7009 has it; `logout` refuses them.',
      sessions('is true for whatever else it is given'),
      sessions('a token that is no good ends nothing (%j)'),
    ),
    test_it_should_return_if_everything_ok: same(sessions('whoever holds the %s ends its session')),
    test_it_should_return_401_if_token_is_blacklisted: same(
      sessions('whoever holds the %s ends its session'),
      sessions("with a refresh token ends that token's session"),
    ),
  },
  TestCustomTokenView: { test_custom_view_class: frameworks },
  TestTokenViewBase: {
    test_serializer_class_not_set_in_settings_and_class_attribute_or_wrong_path: frameworks,
  },
};
