import type { AccountPageTexts } from './texts.js';

export const en: AccountPageTexts = {
  language: 'en',
  noScript: 'This page needs JavaScript. Switch it on for this page, or open the link in another browser.',
  noToken: {
    title: 'Open the link from your mail',
    text: 'This page works only with the whole link from the mail. Open it again from there; if the mail shows it over two lines, copy both into the address bar.',
  },
  password: {
    label: 'New password',
    hint: 'At least 8 characters. A few words that nobody else would put together are best.',
    show: 'Show the password',
  },
  problems: {
    RATE_LIMITED: 'That was tried too often. Try again in {retryAfter} seconds.',
    SERVICE_UNAVAILABLE: 'The service is not available just now. Try again in a moment.',
    other:
      'Something went wrong on our side. Try again; if it happens again, tell whoever runs this service, with this number: {requestId}',
    unreachable: 'The server cannot be reached. Look at your connection, and try again.',
  },
  issues: {
    'must be 8 to 256 characters long': 'It must be 8 to 256 characters long.',
    'must be well-formed Unicode without NUL characters': 'It has characters that are not allowed.',
    'must not be all digits': 'It must not be all digits.',
    'must not be the user name': 'It must not be the user name.',
    'must not be like the user name': 'It must not be like the user name.',
    'must not be like the e-mail address': 'It must not be like the e-mail address.',
    'must not be a password that is known from a data breach': 'It is known from a data breach, so others try it.',
    'must not be a common password': 'It is one of the passwords that are guessed first.',
  },
  pages: {
    'verify-email': {
      title: 'Verify your address',
      paragraphs: ['Press the button to confirm that this e-mail address is yours.'],
      button: 'Verify',
      endings: {
        done: {
          title: 'Your address is verified',
          text: 'It belongs to your account now. You can close this page.',
        },
        expired: {
          title: 'This link has expired',
          text: 'Sign in and ask for another mail. The link in the newest one is the one that works.',
        },
        dead: {
          title: 'This link no longer works',
          text: 'It was used before, or a newer one took its place. If you have verified the address, there is nothing to do. Else sign in and ask for another mail.',
        },
        taken: {
          title: 'This address is taken',
          text: 'Another account has it by now, so yours keeps the address that it has. Sign in and choose another one.',
        },
      },
    },
    'reset-password': {
      title: 'Choose a new password',
      paragraphs: ['All devices that are signed in to your account will be signed out.'],
      button: 'Set the new password',
      endings: {
        done: {
          title: 'Your new password is set',
          text: 'Sign in with it from now on. All devices have been signed out. You can close this page.',
        },
        expired: {
          title: 'This link has expired',
          text: 'Your password is still the old one. Ask for another mail where you sign in, and open its link within an hour.',
        },
        dead: {
          title: 'This link no longer works',
          text: 'It was used before, or a newer one took its place. If you have not set a new password with it, ask for another mail where you sign in.',
        },
      },
    },
    'not-me': {
      title: 'Was this not you?',
      paragraphs: [
        'If you did not do what the mail tells of, somebody else may be in your account. When you press the button:',
      ],
      consequences: [
        'Every device that is signed in to your account is signed out, and the password works no more.',
        'What was changed since is taken back where that is possible, such as another e-mail address or a way to sign in that was added.',
        'You get a mail with a link to choose a new password.',
      ],
      button: 'This was not me',
      endings: {
        done: {
          title: 'Everybody is signed out',
          text: 'Look into your mailbox now: there is a mail with a link to choose a new password. The old one works no more.',
        },
        expired: {
          title: 'This link has expired',
          text: 'Choose a new password now: ask for one where you sign in. That signs everybody out. Then look at the ways to sign in of your account, and remove those that are not yours.',
        },
        dead: {
          title: 'This link no longer works',
          text: 'If you pressed the button before, it is done: open the mail with the link to a new password. Else ask for a new password where you sign in, which signs everybody out.',
        },
      },
    },
  },
};
