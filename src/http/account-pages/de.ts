import type { AccountPageTexts } from './texts.js';

export const de: AccountPageTexts = {
  language: 'de',
  noScript:
    'Diese Seite braucht JavaScript. Schalten Sie es für diese Seite ein, oder öffnen Sie den Link in einem anderen Browser.',
  noToken: {
    title: 'Öffnen Sie den Link aus der Mail',
    text: 'Diese Seite braucht den ganzen Link aus der Mail. Öffnen Sie ihn von dort noch einmal; steht er auf zwei Zeilen, kopieren Sie beide in die Adresszeile.',
  },
  password: {
    label: 'Neues Passwort',
    hint: 'Mindestens 8 Zeichen. Am besten sind einige Wörter, die sonst niemand zusammenstellen würde.',
    show: 'Passwort anzeigen',
  },
  problems: {
    RATE_LIMITED: 'Das waren zu viele Versuche. Versuchen Sie es in {retryAfter} Sekunden noch einmal.',
    SERVICE_UNAVAILABLE: 'Der Dienst ist gerade nicht erreichbar. Versuchen Sie es gleich noch einmal.',
    other:
      'Bei uns ist etwas schiefgegangen. Versuchen Sie es noch einmal; hilft das nicht, nennen Sie den Betreibern diese Nummer: {requestId}',
    unreachable: 'Der Server ist nicht zu erreichen. Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.',
  },
  issues: {
    'must be 8 to 256 characters long': 'Es muss 8 bis 256 Zeichen lang sein.',
    'must be well-formed Unicode without NUL characters': 'Es enthält Zeichen, die nicht erlaubt sind.',
    'must not be all digits': 'Es darf nicht nur aus Ziffern bestehen.',
    'must not be the user name': 'Es darf nicht der Benutzername sein.',
    'must not be like the user name': 'Es ist dem Benutzernamen zu ähnlich.',
    'must not be like the e-mail address': 'Es ist der Mailadresse zu ähnlich.',
    'must not be a password that is known from a data breach':
      'Es ist aus einem Datenleck bekannt, darum probieren es andere aus.',
    'must not be a common password': 'Es ist eines der Passwörter, die als Erstes erraten werden.',
  },
  pages: {
    'verify-email': {
      title: 'Bestätigen Sie Ihre Adresse',
      paragraphs: ['Mit dem Knopf bestätigen Sie, dass diese Mailadresse Ihnen gehört.'],
      button: 'Bestätigen',
      endings: {
        done: {
          title: 'Ihre Adresse ist bestätigt',
          text: 'Sie gehört jetzt zu Ihrem Konto. Sie können diese Seite schließen.',
        },
        expired: {
          title: 'Dieser Link ist abgelaufen',
          text: 'Melden Sie sich an, und lassen Sie sich eine neue Mail schicken. Es gilt der Link aus der neuesten.',
        },
        dead: {
          title: 'Dieser Link gilt nicht mehr',
          text: 'Er wurde schon benutzt, oder ein neuerer hat ihn ersetzt. Haben Sie die Adresse schon bestätigt, ist nichts zu tun. Sonst melden Sie sich an, und lassen Sie sich eine neue Mail schicken.',
        },
        taken: {
          title: 'Diese Adresse ist vergeben',
          text: 'Ein anderes Konto hat sie inzwischen, darum behält Ihres die bisherige. Melden Sie sich an, und wählen Sie eine andere.',
        },
      },
    },
    'reset-password': {
      title: 'Wählen Sie ein neues Passwort',
      paragraphs: ['Alle Geräte, die an Ihrem Konto angemeldet sind, werden abgemeldet.'],
      button: 'Neues Passwort setzen',
      endings: {
        done: {
          title: 'Ihr neues Passwort gilt',
          text: 'Melden Sie sich von jetzt an damit an. Alle Geräte sind abgemeldet. Sie können diese Seite schließen.',
        },
        expired: {
          title: 'Dieser Link ist abgelaufen',
          text: 'Ihr Passwort ist noch das alte. Lassen Sie sich bei der Anmeldung eine neue Mail schicken, und öffnen Sie deren Link innerhalb einer Stunde.',
        },
        dead: {
          title: 'Dieser Link gilt nicht mehr',
          text: 'Er wurde schon benutzt, oder ein neuerer hat ihn ersetzt. Haben Sie damit kein neues Passwort gesetzt, lassen Sie sich bei der Anmeldung eine neue Mail schicken.',
        },
      },
    },
    'not-me': {
      title: 'Waren Sie das nicht?',
      paragraphs: [
        'Wenn Sie nicht getan haben, wovon die Mail berichtet, ist vielleicht jemand anderes in Ihrem Konto. Wenn Sie den Knopf drücken, geschieht dies:',
      ],
      consequences: [
        'Jedes Gerät, das an Ihrem Konto angemeldet ist, wird abgemeldet, und das Passwort gilt nicht mehr.',
        'Was seitdem geändert wurde, wird zurückgenommen, wo das möglich ist, etwa eine andere Mailadresse oder ein hinzugefügter Weg zur Anmeldung.',
        'Sie bekommen eine Mail mit einem Link zu einem neuen Passwort.',
      ],
      button: 'Das war ich nicht',
      endings: {
        done: {
          title: 'Alle sind abgemeldet',
          text: 'Sehen Sie jetzt in Ihr Postfach: Dort ist eine Mail mit einem Link zu einem neuen Passwort. Das alte gilt nicht mehr.',
        },
        expired: {
          title: 'Dieser Link ist abgelaufen',
          text: 'Wählen Sie jetzt ein neues Passwort: Die Anmeldung schickt Ihnen dafür eine Mail. Das meldet alle ab. Sehen Sie dann nach, wie man sich an Ihrem Konto anmelden kann, und entfernen Sie, was nicht von Ihnen ist.',
        },
        dead: {
          title: 'Dieser Link gilt nicht mehr',
          text: 'Haben Sie den Knopf schon gedrückt, ist alles getan: Öffnen Sie die Mail mit dem Link zu einem neuen Passwort. Sonst lassen Sie sich bei der Anmeldung ein neues Passwort geben; das meldet alle ab.',
        },
      },
    },
  },
};
