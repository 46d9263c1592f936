import { readFile } from 'node:fs/promises';
import { settingsTable } from '../../src/config.js';
import { simpleJwtSettings } from '../../src/docs/simplejwt-settings.js';
import type { Extensions } from '../../src/modules/auth/extensions.js';

/** As `rest_framework_simplejwt.settings.DEFAULTS` has them. */
const names = `
  ACCESS_TOKEN_LIFETIME REFRESH_TOKEN_LIFETIME ROTATE_REFRESH_TOKENS BLACKLIST_AFTER_ROTATION UPDATE_LAST_LOGIN
  ALGORITHM SIGNING_KEY VERIFYING_KEY AUDIENCE ISSUER JSON_ENCODER JWK_URL LEEWAY
  AUTH_HEADER_TYPES AUTH_HEADER_NAME USER_ID_FIELD USER_ID_CLAIM USER_AUTHENTICATION_RULE ON_LOGIN_SUCCESS ON_LOGIN_FAILED
  AUTH_TOKEN_CLASSES TOKEN_TYPE_CLAIM JTI_CLAIM TOKEN_USER_CLASS
  SLIDING_TOKEN_REFRESH_EXP_CLAIM SLIDING_TOKEN_LIFETIME SLIDING_TOKEN_REFRESH_LIFETIME
  TOKEN_OBTAIN_SERIALIZER TOKEN_REFRESH_SERIALIZER TOKEN_VERIFY_SERIALIZER TOKEN_BLACKLIST_SERIALIZER
  SLIDING_TOKEN_OBTAIN_SERIALIZER SLIDING_TOKEN_REFRESH_SERIALIZER
  CHECK_REVOKE_TOKEN REVOKE_TOKEN_CLAIM CHECK_USER_IS_ACTIVE`
  .trim()
  .split(/\s+/);

/** A compile error when an extension is added or dropped without this list. */
const hooks: Record<keyof Extensions, true> = {
  claims: true,
  userAuthenticationRule: true,
  onLoginSuccess: true,
  onLoginFailed: true,
};

describe("the table of SimpleJWT's settings", () => {
  test('has all 36 of them, in their order', () => {
    expect(names).toHaveLength(36);
    expect(simpleJwtSettings.map(({ name }) => name)).toEqual(names);
  });

  test.each(simpleJwtSettings)(
    '$name is a setting under the same name with JWT_ before it, a hook, or says why not',
    (row) => {
      if (row.here === null) expect(row.note).not.toBe('');
      else if (row.here in hooks) expect(row.here.toLowerCase()).toBe(row.name.replaceAll('_', '').toLowerCase());
      else {
        expect(row.here).toBe(`JWT_${row.name}`);
        expect(settingsTable().map(({ name }) => name)).toContain(row.here);
      }
    },
  );

  test('leaves no setting of that name unmentioned', () => {
    const ours = settingsTable().flatMap(({ name }) => (name.startsWith('JWT_') ? [name.slice('JWT_'.length)] : []));
    const shared = ours.filter((name) => names.includes(name)).sort();
    const said = simpleJwtSettings.flatMap(({ name, here }) => (here?.startsWith('JWT_') ? [name] : [])).sort();
    expect(said).toEqual(shared);
  });

  test.each(simpleJwtSettings.filter(({ here }) => here !== null))('$name, which is here, is tested', ({ test }) => {
    expect(test).toBeDefined();
  });

  test.each(simpleJwtSettings.flatMap(({ name, test }) => (test ? [{ name, ...test }] : [])))(
    '$name is shown by a test that exists',
    async ({ file, title }) => {
      const literals = [`'${title}',`, `"${title}",`, `\`${title}\`,`];
      const text = await readFile(file, 'utf8');
      expect(literals.some((literal) => text.includes(literal))).toBe(true);
    },
  );
});
