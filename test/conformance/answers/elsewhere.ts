import { different, none, same } from '../answer.js';
import {
  bearer,
  codec,
  extensions,
  refusedBearer,
  revocation,
  sliding,
  slidingBearer,
  story,
  users,
} from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

export const init: AnswersTo<'test_init.py'> = {
  TestInit: { test_package_is_not_installed: none('It is about the version that a Python package tells of itself.') },
};

export const integration: AnswersTo<'test_integration.py'> = {
  TestTestView: {
    test_no_authorization: same(story('nobody gets at the protected field without a token')),
    test_wrong_auth_type: same(refusedBearer('another scheme')),
    test_expired_token: same(refusedBearer('an expired token'), bearer('is believed for five minutes, to the second')),
    test_user_can_get_sliding_token_and_use_it: same(
      slidingBearer,
      sliding('JWT_AUTH_TOKEN_CLASSES=sliding accepts no access token as a bearer'),
    ),
    test_user_can_get_access_and_refresh_tokens_and_use_them: same(
      story('a superuser is created, signs in and calls a protected field'),
      story('a refresh answers with a new pair, and the old token is refused'),
    ),
  },
};

export const migrations: AnswersTo<'test_migrations.py'> = {
  MigrationTestCase: {
    test_no_missing_migrations: none(
      'Migrations are written by hand, not made of the entities, so none is ever "missing".',
    ),
  },
};

const djangoUser = none("It is about the interface of Django's users, which nothing here asks of a viewer.");
const groups = none(
  "Django's groups and permissions do not exist; what a viewer may do is decided by role and ownership.",
);

export const models: AnswersTo<'test_models.py'> = {
  TestTokenUser: {
    test_type_checking: none("It is about Python's typing."),
    test_username: none('No token carries the user name: it may be read of the user that `user_id` names.'),
    test_is_active: different(
      'A user from a token is not taken for active: a deactivation ends the tokens at once.',
      revocation('%s', 'a deactivation'),
    ),
    test_str: djangoUser,
    test_id: same(users('is the caller'), story('the claims are those of the contract')),
    test_pk: djangoUser,
    test_is_staff: different(
      'The claim is `role`.',
      story('the claims are those of the contract'),
      users('is the caller'),
    ),
    test_is_superuser: different(
      'The claim is `role`.',
      story('the claims are those of the contract'),
      codec('%s is refused', 'an unknown role'),
    ),
    test_eq: djangoUser,
    test_eq_not_implemented: djangoUser,
    test_hash: djangoUser,
    test_not_implemented: djangoUser,
    test_groups: groups,
    test_user_permissions: groups,
    test_get_group_permissions: groups,
    test_get_all_permissions: groups,
    test_has_perm: groups,
    test_has_perms: groups,
    test_has_module_perms: groups,
    test_is_anonymous: djangoUser,
    test_is_authenticated: djangoUser,
    test_get_username: djangoUser,
    test_get_custom_claims_through_backup_getattr: different(
      "A product's own claims are for those who read the token. The server itself asks its database, not the token.",
      extensions('are in access and sliding tokens, and not in refresh tokens'),
    ),
  },
};

const date = none('A Date of JavaScript is always an instant of UTC.');

export const utils: AnswersTo<'test_utils.py'> = {
  TestMakeUtc: { test_it_should_return_the_correct_values: date },
  TestAwareUtcnow: { test_it_should_return_the_correct_value: date },
  TestDatetimeToEpoch: {
    test_it_should_return_the_correct_values: same(codec('milliseconds are cut off, as tokens count in whole seconds')),
  },
  TestDatetimeFromEpoch: {
    test_it_should_return_the_correct_values: same(codec('%s gives back every claim of an access token')),
  },
  TestFormatLazy: { test_it_should_work: none('Messages are not translated: clients decide by code and reason.') },
};
