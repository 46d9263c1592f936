/** What may be done later, with what there is to know of it. */
export interface OutboxPayloads {
  /** A mail as it goes out. */
  MAIL: RenderedMail;
  /** Somebody asks for a new password: whether anybody has that address is found out away from the request. */
  PASSWORD_RESET_REQUEST: { readonly email: string; readonly ipAddress: string; readonly userAgent: string | null };
}

export type OutboxKind = keyof OutboxPayloads;

/** A mail, ready to be sent. */
export interface RenderedMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Something to be done once the transaction that says so has committed. */
export interface NewOutboxItem<Kind extends OutboxKind = OutboxKind> {
  readonly kind: Kind;
  /** Whose data it carries; null where that is not known, or nobody is left. */
  readonly userId: string | null;
  readonly payload: OutboxPayloads[Kind];
}

/** How a try failed, and so when the next one is due. */
export type OutboxFailure =
  /** Nobody answers: everything else would fail as well, so all of it waits. */
  | 'unreachable'
  /** Not now: this one waits, the others go on. */
  | 'deferred'
  /** Never: a person has to look at it. */
  | 'refused';

/** A try failed in a way that its handler knows. `code` is for the log and the table: it carries nothing of the payload. */
export class OutboxError extends Error {
  override readonly name = 'OutboxError';

  constructor(
    readonly failure: OutboxFailure,
    readonly code: string,
  ) {
    super(`${failure}: ${code}`);
  }
}
