import { different, none, same } from '../answer.js';
import {
  flush,
  flushCommand,
  idOfNobody,
  idUnderAnyName,
  outstanding,
  outstandingTokens,
  refreshOfGoneUsers,
  sessions,
  sliding,
} from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

const blacklisting = outstandingTokens(
  'ends the whole session at once: this token, its successor and the access tokens',
);
const listed = outstandingTokens('tell whose they are, and when they were issued, rotated and will expire');
const alwaysTheId = 'There is no USER_ID_FIELD: whatever the claim is called, it holds the id.';
const migration = none('It is about a step in the history of its tables: ids and jtis are UUIDs here from the start.');

export const tokenBlacklist: AnswersTo<'test_token_blacklist.py'> = {
  TestTokenBlacklist: {
    test_token_blacklist_old_django: none('It is about a version of Django.'),
    test_sliding_tokens_are_added_to_outstanding_list: different(
      'A sliding token has no row of its own. Its session has, and is listed and ended instead.',
      sliding('a sign-in is one session, listed until its refresh_exp, with no refresh token'),
      sliding('%s: no bearer, no refresh', 'when their session is revoked'),
    ),
    test_refresh_tokens_are_added_to_outstanding_list: different('The token itself is not stored.', outstanding),
    test_access_tokens_are_not_added_to_outstanding_list: same(outstanding),
    test_token_will_not_validate_if_blacklisted: same(
      sessions('refuses a rotated token, also within the grace period, and takes the new one'),
      sessions('refuses the tokens of a session that has ended'),
    ),
    test_tokens_can_be_manually_blacklisted: different(
      'Its whole session ends with it. A token that is not listed was not issued here, and is NOT_FOUND.',
      blacklisting,
      outstandingTokens('answers a blacklisted one as it is, without another event'),
      outstandingTokens('finds no token %j'),
    ),
    test_outstanding_token_and_blacklisted_token_expected_str: none("It is how Django's admin site prints a row."),
    test_outstanding_token_and_blacklisted_token_created_at: same(listed, blacklisting),
    test_outstanding_token_and_blacklisted_token_user: same(listed, blacklisting),
    test_outstanding_token_and_blacklisted_token_created_at_with_modified_user_id_field: different(
      alwaysTheId,
      idUnderAnyName,
    ),
    test_outstanding_token_and_blacklisted_token_user_with_modifed_user_id_field: different(
      alwaysTheId,
      idUnderAnyName,
    ),
    test_outstanding_token_with_deleted_user_and_modifed_user_id_field: different(
      `${alwaysTheId} The tokens of a user who is deleted go with the user.`,
      idOfNobody,
    ),
  },
  TestTokenBlacklistFlushExpiredTokens: {
    test_it_should_delete_any_expired_tokens: same(
      flushCommand('deletes what has expired, and keeps a session while its last access token may live'),
      flush('leaves what has not expired, to the millisecond'),
    ),
    test_token_blacklist_will_not_be_removed_on_User_delete: different(
      "A user's tokens go with the user, and are refused because of that.",
      refreshOfGoneUsers,
      sessions('refuses the tokens of a user who is inactive, got another role or is gone'),
    ),
  },
  TestPopulateJtiHexMigration: { test_jti_field_should_contain_uuid_hex_strings: migration },
  TokenVerifySerializerShouldHonourBlacklist: {
    test_token_verify_serializer_should_honour_blacklist_if_blacklisting_enabled: same(
      sessions('refuses a rotated token, also within the grace period, and takes the new one'),
      sessions('refuses the tokens of a session that has ended'),
    ),
    test_token_verify_serializer_should_not_honour_blacklist_if_blacklisting_not_enabled: different(
      'Without blacklisting a rotated token is still good; what was ended on purpose is refused all the same.',
      sessions('a rotated token is as good as its successor, until the session ends'),
    ),
  },
  TestBigAutoFieldIDMigration: {
    test_outstandingtoken_id_field_is_biagauto_field: migration,
    test_blacklistedtoken_id_field_is_biagauto_field: migration,
  },
};
