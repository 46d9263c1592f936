import type { MailTexts, NoticeOrigin } from '../mail.types.js';
import { label, programOf } from '../strangers-words.js';

const methods = { EMAIL: 'codes by e-mail', TOTP: 'an authenticator app', RECOVERY_CODE: 'recovery codes' } as const;

function origin({ at, ipAddress, userAgent }: NoticeOrigin): string {
  const time = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const program = programOf(userAgent);
  return `It happened at ${time}, from the address ${ipAddress}${program ? `, with ${program}` : ''}.`;
}

function notice(subject: string, what: string, facts: NoticeOrigin & { readonly disavowLink: string }) {
  return {
    subject,
    paragraphs: [what, origin(facts), 'If that was you, there is nothing to do.'],
    action: { label: 'This was not me', link: facts.disavowLink },
    afterwards: [
      'That ends every session of the account and begins a new password. The link works once, for seven days.',
    ],
  };
}

export const en: MailTexts = {
  language: 'en',
  greeting: (username) => (username === null ? 'Hello,' : `Hello ${username},`),
  closing: (product) => `This mail was written by ${product} itself. Nobody reads the answers to it.`,
  contents: {
    verifyEmail: ({ link }, product) => ({
      subject: `Verify your address for ${product}`,
      paragraphs: [`Somebody, probably you, made an account at ${product} with this address.`],
      action: { label: 'Verify the address', link },
      afterwards: ['The link works once, for three days. If it was not you, do nothing.'],
    }),
    verifyNewEmail: ({ link }, product) => ({
      subject: `Verify your new address for ${product}`,
      paragraphs: [`Your account at ${product} is to have this address from now on.`],
      action: { label: 'Use this address', link },
      afterwards: ['The link works once, for a day. Until then the old address stays.'],
    }),
    resetPassword: ({ link }, product) => ({
      subject: `A new password for ${product}`,
      paragraphs: [`Somebody, probably you, asked for a new password for your account at ${product}.`],
      action: { label: 'Choose a new password', link },
      afterwards: ['The link works once, for an hour. If it was not you, do nothing: the old password stays as it is.'],
    }),
    signInCode: ({ code }, product) => ({
      subject: `Your code for ${product}`,
      paragraphs: ['Somebody signs in to your account with the right password. If it is you, type this code:'],
      code,
      afterwards: [
        'It works once, for a few minutes. Nobody who works for us will ever ask you for it.',
        'If it is not you, somebody knows your password: change it.',
      ],
    }),
    enrolmentCode: ({ code }, product) => ({
      subject: `Confirm codes by e-mail for ${product}`,
      paragraphs: ['You are about to sign in with codes by e-mail beside your password. To confirm it, type this one:'],
      code,
      afterwards: ['It works once, for ten minutes.'],
    }),
    newDevice: (facts, product) =>
      notice(
        `A sign-in to ${product} from a new device`,
        'Somebody signed in to your account from a place or with a device that we have not seen before.',
        facts,
      ),
    passwordChanged: (facts, product) =>
      notice(
        `Your password for ${product} was changed`,
        'Your account has another password now. All other sessions have ended.',
        facts,
      ),
    passwordReset: (facts, product) =>
      notice(
        `Your password for ${product} was reset`,
        'A new password was chosen for your account by a link from a mail. All sessions have ended.',
        facts,
      ),
    emailChangeRequested: (facts, product) =>
      notice(
        `Your address for ${product} is about to change`,
        `Your account is to have the address ${facts.newEmail}, once that is verified.`,
        facts,
      ),
    emailChanged: (facts, product) =>
      notice(
        `Your address for ${product} was changed`,
        `Your account has the address ${facts.newEmail} now. What we write goes there from now on.`,
        facts,
      ),
    secondFactorAdded: (facts, product) =>
      notice(
        `A second factor was added at ${product}`,
        `Signing in to your account now takes ${methods[facts.method]} beside the password. Other sessions have ended.`,
        facts,
      ),
    secondFactorRemoved: (facts, product) =>
      notice(
        `A second factor was removed at ${product}`,
        `Signing in to your account no longer takes ${methods[facts.method]}. Other sessions have ended.`,
        facts,
      ),
    recoveryCodesRenewed: (facts, product) =>
      notice(
        `New recovery codes for ${product}`,
        'Your account has new recovery codes. The old ones no longer work.',
        facts,
      ),
    recoveryCodeUsed: (facts, product) =>
      notice(
        `A recovery code was used at ${product}`,
        `Somebody signed in to your account with a recovery code. There are ${facts.left} left.`,
        facts,
      ),
    passkeyAdded: (facts, product) =>
      notice(
        `A passkey was added at ${product}`,
        `The passkey “${label(facts.name)}” now signs in to your account without a password.`,
        facts,
      ),
    passkeyRemoved: (facts, product) =>
      notice(
        `A passkey was removed at ${product}`,
        `The passkey “${label(facts.name)}” no longer signs in to your account. Other sessions have ended.`,
        facts,
      ),
    codesGuessed: (facts, product) =>
      notice(
        `Somebody guesses codes for your account at ${product}`,
        'Somebody has your password and tried many wrong codes. We take no more for a while. Change your password.',
        facts,
      ),
    tokenReused: (facts, product) =>
      notice(
        `A session at ${product} was ended`,
        'A key of one of your sessions was used a second time, as if somebody had copied it. We ended that session.',
        facts,
      ),
    accountDeleted: (facts, product) => ({
      subject: `Your account at ${product} is gone`,
      paragraphs: ['Your account was deleted, with all of its posts.', origin(facts)],
    }),
  },
};
