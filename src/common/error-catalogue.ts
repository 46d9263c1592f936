/** What mends an error, in a word. */
type Remedy =
  | 'refresh'
  | 'sign in'
  | 'fix the input'
  | 'fix the request'
  | 'wait and retry'
  | 'report'
  | 'give up'
  | 'see `reason`';

/** What djangorestframework-simplejwt answers in the same case; some of its bodies have no code. */
export interface SimpleJwtError {
  readonly code: string | null;
  readonly message: string;
}

/** What a client does about an error. */
export interface Advice {
  readonly remedy: Remedy;
  /** A sentence for whoever writes a client. */
  readonly advice: string;
  readonly simpleJwt?: readonly SimpleJwtError[];
}

export interface CodeEntry extends Advice {
  readonly description: string;
  /** Who gives it to an error: this program, or Apollo Server and the limits on operations; none yet. */
  readonly raisedBy: readonly ('postern' | 'transport')[];
  /** What else is in `extensions`, whenever Postern raises it. */
  readonly extensions: readonly Extension[];
  /** What else is there at times. */
  readonly optionalExtensions?: readonly Extension[];
}

type Extension = 'reason' | 'issues' | 'retryAfter' | 'requestId';

interface ReasonEntry {
  readonly description: string;
  /** What to do depends on the code that the reason comes with. */
  readonly under: { readonly UNAUTHENTICATED?: Advice; readonly TOKEN_NOT_VALID?: Advice; readonly FORBIDDEN?: Advice };
}

const tokenNotValid = (message: string): SimpleJwtError => ({ code: 'token_not_valid', message });

/** Of a program that sends what this server can never accept. */
const clientFault = { remedy: 'fix the request', raisedBy: ['transport'], extensions: [] } as const;

const codes = {
  UNAUTHENTICATED: {
    description: 'A protected field was asked for without a usable access token.',
    remedy: 'see `reason`',
    advice: '`reason` says what was wrong with the token; public fields of the same operation have been answered.',
    raisedBy: ['postern'],
    extensions: ['reason'],
    simpleJwt: [tokenNotValid('Given token not valid for any token type')],
  },
  FORBIDDEN: {
    description:
      'The caller is known, and not allowed to do this; or a cookie came from an origin that may not use it.',
    remedy: 'give up',
    advice: 'Trying again does not help: show that it is not allowed. With a `reason`, see there.',
    raisedBy: ['postern'],
    extensions: [],
    optionalExtensions: ['reason'],
  },
  INVALID_CREDENTIALS: {
    description:
      'The sign-in failed, or a password that confirms something is wrong; an unknown user, a wrong password and an inactive account are not told apart.',
    remedy: 'fix the input',
    advice: 'Ask for name and password again.',
    raisedBy: ['postern'],
    extensions: [],
    simpleJwt: [{ code: 'no_active_account', message: 'No active account found with the given credentials' }],
  },
  EMAIL_NOT_VERIFIED: {
    description:
      'The password was right, and the address has yet to be verified (REQUIRE_VERIFIED_EMAIL). The link was mailed again.',
    remedy: 'sign in',
    advice: 'Have the user open the link in the mail, and sign in after that.',
    raisedBy: ['postern'],
    extensions: [],
  },
  TOKEN_NOT_VALID: {
    description: 'A token that was given as an argument or as a cookie is no good.',
    remedy: 'see `reason`',
    advice: '`reason` says what was wrong with it.',
    raisedBy: ['postern'],
    extensions: ['reason'],
    simpleJwt: [tokenNotValid('Token is invalid or expired')],
  },
  BAD_USER_INPUT: {
    description: 'The input breaks rules; or a variable is of the wrong type, and then there are no `issues`.',
    remedy: 'fix the input',
    advice: 'Show each issue beside the field that its `path` names.',
    raisedBy: ['postern', 'transport'],
    extensions: ['issues'],
    simpleJwt: [{ code: null, message: 'This field is required.' }],
  },
  NOT_FOUND: {
    description: 'A mutation names what is not there, or not there for the caller; or nothing is at this HTTP address.',
    remedy: 'give up',
    advice: 'Read again what there is: somebody else may have removed it.',
    raisedBy: ['postern'],
    extensions: [],
  },
  CONFLICT: {
    description:
      'The input collides with what is there: a user name or an address is taken, or the last active admin would be lost.',
    remedy: 'fix the input',
    advice: 'Show each issue beside the field that its `path` names.',
    raisedBy: ['postern'],
    extensions: ['issues'],
  },
  RATE_LIMITED: {
    description: 'There were too many tries.',
    remedy: 'wait and retry',
    advice: 'Try again after `retryAfter` seconds, not before.',
    raisedBy: ['postern'],
    extensions: ['retryAfter'],
  },
  SERVICE_UNAVAILABLE: {
    description: 'The database is away, or the server has too much to do; then HTTP 503 with Retry-After.',
    remedy: 'wait and retry',
    advice: 'Try again after `retryAfter` seconds; a mutation may have taken effect, so look before it is repeated.',
    raisedBy: ['postern'],
    extensions: ['retryAfter'],
  },
  INTERNAL_SERVER_ERROR: {
    description: 'Something that nobody foresaw; the log has the rest under the same `requestId`.',
    remedy: 'report',
    advice: 'Give `requestId` to those who run the server; trying again may help.',
    raisedBy: ['postern'],
    extensions: ['requestId'],
  },
  GRAPHQL_PARSE_FAILED: {
    description: 'The document is not GraphQL.',
    advice: 'Mend the syntax at the place that `locations` names.',
    ...clientFault,
  },
  GRAPHQL_VALIDATION_FAILED: {
    description: 'The document does not fit the schema.',
    advice: 'Generate the operations from schema.graphql, or check them against it.',
    ...clientFault,
  },
  OPERATION_RESOLUTION_FAILURE: {
    description: 'The operation to run is not there, is not named although there are several, or is a subscription.',
    advice: 'Name one of the operations in the document.',
    ...clientFault,
  },
  BAD_REQUEST: {
    description: 'The HTTP request is not one of GraphQL: its method, type, size, body or CSRF header.',
    advice: 'Send a POST with a JSON body, as GraphQL over HTTP has it.',
    ...clientFault,
  },
  PERSISTED_QUERY_NOT_FOUND: {
    description: 'A query was named by a hash that the server does not know.',
    advice: 'Send the whole document.',
    ...clientFault,
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    description: 'A query was named by its hash, which this server does not support.',
    advice: 'Send the whole document.',
    ...clientFault,
  },
  PERSISTED_QUERY_NOT_IN_LIST: {
    description: 'The server runs the documents of its manifest alone (TRUSTED_DOCUMENTS), and this is none of them.',
    advice: 'Name a document of the manifest by its id; a new one comes with the next version of the server.',
    ...clientFault,
  },
  QUERY_TOO_COMPLEX: {
    description: 'The operation is larger than a limit allows, or would cost more, and nothing of it ran.',
    advice: 'Ask for less at once, or in several operations; the message says which limit it was.',
    ...clientFault,
  },
} satisfies Record<string, CodeEntry>;

const reasons = {
  MISSING: {
    description: 'No token came with the request.',
    under: {
      UNAUTHENTICATED: {
        remedy: 'sign in',
        advice: 'Send the access token in the Authorization header; sign in where there is none.',
        simpleJwt: [{ code: null, message: 'Authentication credentials were not provided.' }],
      },
      TOKEN_NOT_VALID: {
        remedy: 'sign in',
        advice: 'There is neither an argument nor a cookie, so nobody is signed in.',
        simpleJwt: [{ code: null, message: 'This field is required.' }],
      },
    },
  },
  MALFORMED: {
    description:
      'It is no token of this server: broken text, a bad signature, another issuer or audience, a missing claim.',
    under: {
      UNAUTHENTICATED: {
        remedy: 'sign in',
        advice: 'Forget the token and sign in; look at how the client builds the header.',
        simpleJwt: [
          {
            code: 'bad_authorization_header',
            message: 'Authorization header must contain two space-delimited values',
          },
          tokenNotValid('Token is invalid'),
          tokenNotValid('Token has no id'),
          tokenNotValid('Token contained no recognizable user identification'),
        ],
      },
      TOKEN_NOT_VALID: {
        remedy: 'sign in',
        advice: "Forget the token and sign in. `logout` says so of another user's token, too.",
        simpleJwt: [
          tokenNotValid('Token is invalid'),
          tokenNotValid("Token has no '…' claim"),
          tokenNotValid('Token has no type'),
        ],
      },
    },
  },
  EXPIRED: {
    description: 'The token was good once, and its time is over.',
    under: {
      UNAUTHENTICATED: {
        remedy: 'refresh',
        advice: 'Call `refreshToken` once for all waiting requests, then repeat them.',
        simpleJwt: [tokenNotValid('Token is expired')],
      },
      TOKEN_NOT_VALID: {
        remedy: 'sign in',
        advice: 'A refresh token has no successor once it has expired; of a link from a mail, ask for another one.',
        simpleJwt: [tokenNotValid('Token is expired')],
      },
    },
  },
  REVOKED: {
    description: 'The token was ended before its time: a log-out, another password or role, a user who is gone.',
    under: {
      UNAUTHENTICATED: {
        remedy: 'refresh',
        advice: 'Call `refreshToken` once, which gives a new role its tokens; sign in where that fails.',
        simpleJwt: [
          { code: 'user_not_found', message: 'User not found' },
          { code: 'user_inactive', message: 'User is inactive' },
          { code: 'password_changed', message: "The user's password has been changed." },
        ],
      },
      TOKEN_NOT_VALID: {
        remedy: 'sign in',
        advice: 'Its session is over; or the link from a mail was used, or a newer one took its place.',
        simpleJwt: [
          tokenNotValid('Token is blacklisted'),
          { code: 'password_changed', message: "The user's password has been changed." },
        ],
      },
    },
  },
  WRONG_TYPE: {
    description: 'A refresh token where an access token is due, or the other way round; or the token of another link.',
    under: {
      UNAUTHENTICATED: {
        remedy: 'fix the request',
        advice: 'Send the access token.',
        simpleJwt: [tokenNotValid('Token has wrong type')],
      },
      TOKEN_NOT_VALID: {
        remedy: 'fix the request',
        advice: 'Send the refresh token.',
        simpleJwt: [tokenNotValid('Token has wrong type')],
      },
    },
  },
  REUSED: {
    description: 'The refresh token had been exchanged before. Somebody may have stolen it, so its session has ended.',
    under: {
      TOKEN_NOT_VALID: {
        remedy: 'sign in',
        advice: 'Tell the user; look for a client that keeps an old token, or refreshes in two places.',
        simpleJwt: [tokenNotValid('Token is blacklisted')],
      },
    },
  },
  SIGN_IN_TOO_OLD: {
    description: 'What changes who can sign in needs a sign-in of the last ten minutes, or the password again.',
    under: {
      FORBIDDEN: {
        remedy: 'sign in',
        advice: 'Ask for the password and send it along, or have the user sign in again.',
      },
    },
  },
  USER_INACTIVE: {
    description: 'The account that the token belongs to has been deactivated or deleted.',
    under: {
      TOKEN_NOT_VALID: {
        remedy: 'sign in',
        advice: 'Only another account will do.',
        simpleJwt: [{ code: 'no_active_account', message: 'No active account found for the given token.' }],
      },
    },
  },
} satisfies Record<string, ReasonEntry>;

export type ErrorCode = keyof typeof codes;
export type ErrorReason = keyof typeof reasons;

/** The codes that come with a `reason`. */
export type ReasonedCode = keyof ReasonEntry['under'];

/** The reasons that come with a code. */
export type ReasonOf<Code extends ReasonedCode> = {
  [Reason in ErrorReason]: Code extends keyof (typeof reasons)[Reason]['under'] ? Reason : never;
}[ErrorReason];

/** Every `extensions.code`. The schema's `ErrorCode` and docs/errors.md are made of it. */
export const errorCodes: Readonly<Record<ErrorCode, CodeEntry>> = codes;

/** Every `extensions.reason`. The schema's `ErrorReason` and docs/errors.md are made of it. */
export const errorReasons: Readonly<Record<ErrorReason, ReasonEntry>> = reasons;
