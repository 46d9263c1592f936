/** What became of a setting of djangorestframework-simplejwt's. */
export interface SimpleJwtSetting {
  readonly name: string;
  /** Postern's setting, or the extension of src/extensions.ts; null where there is none. */
  readonly here: string | null;
  /** What differs, or why there is none; empty where it does the same. */
  readonly note: string;
  /** The test that shows it; none where nothing is there to be tested. */
  readonly test?: { readonly file: string; readonly title: string };
}

const auth = (file: string, title: string) => ({ file: `test/auth/${file}.test.ts`, title });

/** Of a setting that names a Python class to be imported. */
const serializer = {
  here: null,
  note: "It names a Python class. Here the schema is fixed, and resolvers are the program's own.",
} as const;

/** Such a class is mostly replaced for the sake of more claims. */
const issuing = (title: string) => ({
  here: null,
  note: `${serializer.note} Claims can be added by the extension \`claims\`.`,
  test: auth('extensions', title),
});

/** SimpleJWT's settings, all of them and in its own order. */
export const simpleJwtSettings: readonly SimpleJwtSetting[] = [
  {
    name: 'ACCESS_TOKEN_LIFETIME',
    here: 'JWT_ACCESS_TOKEN_LIFETIME',
    note: 'Written `5m`; at most as long as a refresh token lives.',
    test: auth('bearer', 'is believed for five minutes, to the second'),
  },
  {
    name: 'REFRESH_TOKEN_LIFETIME',
    here: 'JWT_REFRESH_TOKEN_LIFETIME',
    note: '',
    test: {
      file: 'test/conformance/simplejwt-cases.test.ts',
      title: 'a refresh gives both tokens their whole lifetime from that moment on',
    },
  },
  {
    name: 'ROTATE_REFRESH_TOKENS',
    here: 'JWT_ROTATE_REFRESH_TOKENS',
    note: 'On by default. The new claims are built from the database, not copied.',
    test: auth('refresh', 'without rotation the same refresh token comes back, and works again'),
  },
  {
    name: 'BLACKLIST_AFTER_ROTATION',
    here: 'JWT_BLACKLIST_AFTER_ROTATION',
    note: 'On by default, with a grace period for lost answers (`JWT_ROTATION_GRACE_PERIOD`). After it, a second use ends the session.',
    test: auth('refresh', 'without blacklisting the old token goes on working beside the new one'),
  },
  {
    name: 'UPDATE_LAST_LOGIN',
    here: 'JWT_UPDATE_LAST_LOGIN',
    note: 'On by default. Whatever it says, `onLoginSuccess` is called.',
    test: auth('sign-in', 'JWT_UPDATE_LAST_LOGIN=false leaves the last sign-in alone'),
  },
  {
    name: 'ALGORITHM',
    here: 'JWT_ALGORITHM',
    note: 'HS, RS, PS and ES, each with 256, 384 and 512; no EdDSA.',
    test: auth('token-codec', '%s gives back every claim of an access token'),
  },
  {
    name: 'SIGNING_KEY',
    here: 'JWT_SIGNING_KEY',
    note: 'Required in production, unless keys are managed by `npm run keys`. A weak key stops the start.',
    test: auth('signing-keys', '%s takes a secret of %i bytes and none shorter'),
  },
  {
    name: 'VERIFYING_KEY',
    here: 'JWT_VERIFYING_KEY',
    note: 'Derived from the signing key; one that is given must fit it.',
    test: auth('signing-keys', 'the verifying key must belong to the signing key'),
  },
  {
    name: 'AUDIENCE',
    here: 'JWT_AUDIENCE',
    note: 'Comma-separated where there are several.',
    test: auth('bearer', 'JWT_AUDIENCE may name several: tokens list them all, and any one of them is enough'),
  },
  {
    name: 'ISSUER',
    here: 'JWT_ISSUER',
    note: '',
    test: auth('bearer', 'JWT_ISSUER and JWT_AUDIENCE are in every token and asked of every token'),
  },
  {
    name: 'JSON_ENCODER',
    here: null,
    note: 'It is for Python values that JSON does not know. Claims are JSON here, which TypeScript checks.',
  },
  {
    name: 'JWK_URL',
    here: 'JWT_JWK_URL',
    note: 'Beside the own keys, not in their place. The other issuer says who somebody is; role and activity are the database’s. With an HS algorithm the server does not start; SimpleJWT ignores it then.',
    test: auth('keys/jwk-url', 'proves who asks, by one statement a request more'),
  },
  {
    name: 'LEEWAY',
    here: 'JWT_LEEWAY',
    note: 'Written `10s`.',
    test: auth('bearer', 'JWT_LEEWAY lets a token live a little longer'),
  },
  {
    name: 'AUTH_HEADER_TYPES',
    here: 'JWT_AUTH_HEADER_TYPES',
    note: 'Comma-separated; regardless of case, as RFC 9110 has it.',
    test: auth('bearer', 'JWT_AUTH_HEADER_TYPES names the schemes, the first of them in answers'),
  },
  {
    name: 'AUTH_HEADER_NAME',
    here: 'JWT_AUTH_HEADER_NAME',
    note: 'As on the wire: `X-Access-Token`, not `HTTP_X_ACCESS_TOKEN`.',
    test: auth('bearer', 'JWT_AUTH_HEADER_NAME names the header'),
  },
  {
    name: 'USER_ID_FIELD',
    here: null,
    note: 'It is always the id, a UUID that never changes. Names and addresses do.',
    test: {
      file: 'test/conformance/simplejwt-cases.test.ts',
      title:
        'whatever its name, the user’s claim is the id: a token is listed with its user and time, also once blacklisted',
    },
  },
  {
    name: 'USER_ID_CLAIM',
    here: 'JWT_USER_ID_CLAIM',
    note: '',
    test: auth('bearer', 'the claims of user id, jti and type go by the names that are set'),
  },
  {
    name: 'USER_AUTHENTICATION_RULE',
    here: 'userAuthenticationRule',
    note: 'Asked at sign-in and refresh, beside the check that the user is active, which it cannot lift.',
    test: auth('extensions', 'refuses a sign-in after the right password, like a wrong one'),
  },
  {
    name: 'ON_LOGIN_SUCCESS',
    here: 'onLoginSuccess',
    note: 'Runs beside the answer; an error in it is logged and fails no sign-in.',
    test: auth('extensions', 'the one is told who has signed in and from where'),
  },
  {
    name: 'ON_LOGIN_FAILED',
    here: 'onLoginFailed',
    note: 'Gets the name that was typed, and no password, not even a masked one.',
    test: auth('extensions', 'the other is told what was typed as the name, and never the password'),
  },
  {
    name: 'AUTH_TOKEN_CLASSES',
    here: 'JWT_AUTH_TOKEN_CLASSES',
    note: 'Words, not classes: `access`, `sliding`. Without `sliding` there are no sliding tokens at all.',
    test: auth('sliding', 'JWT_AUTH_TOKEN_CLASSES=sliding accepts no access token as a bearer'),
  },
  {
    name: 'TOKEN_TYPE_CLAIM',
    here: 'JWT_TOKEN_TYPE_CLAIM',
    note: 'Cannot be switched off: the types are always told apart.',
    test: auth('bearer', 'the claims of user id, jti and type go by the names that are set'),
  },
  {
    name: 'JTI_CLAIM',
    here: 'JWT_JTI_CLAIM',
    note: 'Cannot be switched off.',
    test: auth('bearer', 'the claims of user id, jti and type go by the names that are set'),
  },
  {
    name: 'TOKEN_USER_CLASS',
    here: null,
    note: 'It makes a user out of the claims alone. Here who asks is always told so, from id, role and session, without a statement; the row is read where a field needs it.',
    test: auth('revocation', 'the check costs no statement'),
  },
  {
    name: 'SLIDING_TOKEN_REFRESH_EXP_CLAIM',
    here: 'JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM',
    note: '',
    test: auth('sliding', 'name refresh_exp as JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM says'),
  },
  {
    name: 'SLIDING_TOKEN_LIFETIME',
    here: 'JWT_SLIDING_TOKEN_LIFETIME',
    note: 'An expired one can still be refreshed.',
    test: auth('sliding', 'live as long as JWT_SLIDING_TOKEN_LIFETIME and JWT_SLIDING_TOKEN_REFRESH_LIFETIME say'),
  },
  {
    name: 'SLIDING_TOKEN_REFRESH_LIFETIME',
    here: 'JWT_SLIDING_TOKEN_REFRESH_LIFETIME',
    note: '',
    test: auth('sliding', 'a refresh does not lengthen the time in which it can be refreshed'),
  },
  { name: 'TOKEN_OBTAIN_SERIALIZER', ...issuing('are in access and sliding tokens, and not in refresh tokens') },
  {
    name: 'TOKEN_REFRESH_SERIALIZER',
    ...issuing('are asked for anew at every refresh, with the user as it is then'),
  },
  { name: 'TOKEN_VERIFY_SERIALIZER', ...serializer },
  { name: 'TOKEN_BLACKLIST_SERIALIZER', ...serializer },
  {
    name: 'SLIDING_TOKEN_OBTAIN_SERIALIZER',
    ...issuing('are in access and sliding tokens, and not in refresh tokens'),
  },
  {
    name: 'SLIDING_TOKEN_REFRESH_SERIALIZER',
    ...issuing('are asked for anew at every refresh, with the user as it is then'),
  },
  {
    name: 'CHECK_REVOKE_TOKEN',
    here: null,
    note: 'Always on: a new password ends what there was, on every instance within a second.',
    test: auth('refresh', 'the token of a user who was deactivated, deleted or got another password is refused'),
  },
  {
    name: 'REVOKE_TOKEN_CLAIM',
    here: null,
    note: 'The claim is `token_version`, a counter; SimpleJWT shows the MD5 of the stored password hash to whoever holds the token.',
    test: auth(
      'token-codec',
      'an access token adds role, e-mail, the token version, and how and when the user signed in',
    ),
  },
  {
    name: 'CHECK_USER_IS_ACTIVE',
    here: null,
    note: 'Always on.',
    test: auth('extensions', 'lets in nobody who is not active'),
  },
];
