import type { SecondFactorMethod } from '../../common/second-factor-method.js';
import type { MailLanguage } from '../../config.js';

/** Where something came from that a notice tells of. */
export interface NoticeOrigin {
  readonly ipAddress: string;
  readonly userAgent: string | null;
  readonly at: Date;
}

/** A notice with a link for whoever did not do it: it ends all sessions, and begins a new password. */
interface Notice extends NoticeOrigin {
  readonly disavowLink: string;
}

/** What each mail says, beside whom it is to. */
export interface MailFacts {
  verifyEmail: { readonly link: string };
  verifyNewEmail: { readonly link: string };
  resetPassword: { readonly link: string };
  signInCode: { readonly code: string };
  enrolmentCode: { readonly code: string };
  newDevice: Notice;
  passwordChanged: Notice;
  passwordReset: Notice;
  emailChangeRequested: Notice & { readonly newEmail: string };
  emailChanged: Notice & { readonly newEmail: string };
  secondFactorAdded: Notice & { readonly method: SecondFactorMethod };
  secondFactorRemoved: Notice & { readonly method: SecondFactorMethod };
  recoveryCodesRenewed: Notice;
  recoveryCodeUsed: Notice & { readonly left: number };
  passkeyAdded: Notice & { readonly name: string };
  passkeyRemoved: Notice & { readonly name: string };
  codesGuessed: Notice;
  tokenReused: Notice;
  accountDeleted: NoticeOrigin;
}

export type MailTemplate = keyof MailFacts;

/** A mail that is to be written. */
export type NewMail = {
  [Template in MailTemplate]: {
    readonly template: Template;
    readonly facts: MailFacts[Template];
    readonly to: string;
    /** Whose it is; null for who has no account any more. */
    readonly userId: string | null;
    /** How it addresses whom it is to. */
    readonly username: string;
  };
}[MailTemplate];

/** What a template makes of the facts; the layout makes text and HTML of that. */
export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** To be typed by a person. */
  readonly code?: string;
  readonly action?: { readonly label: string; readonly link: string };
  /** After the action. */
  readonly afterwards?: readonly string[];
}

/** All mails in one language. */
export interface MailTexts {
  readonly language: MailLanguage;
  /** Without a name where there is none to be greeted by. */
  greeting(username: string | null): string;
  closing(product: string): string;
  readonly contents: {
    readonly [Template in MailTemplate]: (facts: MailFacts[Template], product: string) => MailContent;
  };
}
