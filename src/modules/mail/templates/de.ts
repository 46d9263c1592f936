import type { MailTexts, NoticeOrigin } from '../mail.types.js';
import { label, programOf } from '../strangers-words.js';

const methods = {
  EMAIL: 'Codes per E-Mail',
  TOTP: 'eine Authenticator-App',
  RECOVERY_CODE: 'Wiederherstellungscodes',
} as const;

function origin({ at, ipAddress, userAgent }: NoticeOrigin): string {
  const time = `${at.toISOString().slice(0, 16).replace('T', ' um ')} UTC`;
  const program = programOf(userAgent);
  return `Das geschah am ${time}, von der Adresse ${ipAddress}${program ? `, mit ${program}` : ''}.`;
}

function notice(subject: string, what: string, facts: NoticeOrigin & { readonly disavowLink: string }) {
  return {
    subject,
    paragraphs: [what, origin(facts), 'Wenn Sie das waren, ist nichts zu tun.'],
    action: { label: 'Das war ich nicht', link: facts.disavowLink },
    afterwards: [
      'Damit enden alle Sitzungen des Kontos, und Sie wählen ein neues Passwort. Der Link gilt einmal, sieben Tage lang.',
    ],
  };
}

export const de: MailTexts = {
  language: 'de',
  greeting: (username) => (username === null ? 'Guten Tag,' : `Guten Tag ${username},`),
  closing: (product) => `Diese Nachricht hat ${product} selbst geschrieben. Antworten darauf liest niemand.`,
  contents: {
    verifyEmail: ({ link }, product) => ({
      subject: `Bestätigen Sie Ihre Adresse für ${product}`,
      paragraphs: [`Jemand, vermutlich Sie, hat bei ${product} ein Konto mit dieser Adresse angelegt.`],
      action: { label: 'Adresse bestätigen', link },
      afterwards: ['Der Link gilt einmal, drei Tage lang. Wenn Sie es nicht waren, tun Sie nichts.'],
    }),
    verifyNewEmail: ({ link }, product) => ({
      subject: `Bestätigen Sie Ihre neue Adresse für ${product}`,
      paragraphs: [`Ihr Konto bei ${product} soll künftig diese Adresse haben.`],
      action: { label: 'Diese Adresse verwenden', link },
      afterwards: ['Der Link gilt einmal, einen Tag lang. Bis dahin bleibt es bei der alten Adresse.'],
    }),
    resetPassword: ({ link }, product) => ({
      subject: `Ein neues Passwort für ${product}`,
      paragraphs: [`Jemand, vermutlich Sie, möchte ein neues Passwort für Ihr Konto bei ${product}.`],
      action: { label: 'Neues Passwort wählen', link },
      afterwards: [
        'Der Link gilt einmal, eine Stunde lang. Wenn Sie es nicht waren, tun Sie nichts: Das alte Passwort bleibt.',
      ],
    }),
    signInCode: ({ code }, product) => ({
      subject: `Ihr Code für ${product}`,
      paragraphs: [
        'Jemand meldet sich mit dem richtigen Passwort an Ihrem Konto an. Wenn Sie es sind: Hier ist der Code.',
      ],
      code,
      afterwards: [
        'Er gilt einmal, wenige Minuten lang. Niemand, der für uns arbeitet, wird Sie je danach fragen.',
        'Wenn Sie es nicht sind, kennt jemand Ihr Passwort: Ändern Sie es.',
      ],
    }),
    enrolmentCode: ({ code }, product) => ({
      subject: `Bestätigen Sie Codes per E-Mail für ${product}`,
      paragraphs: ['Künftig sollen zu Ihrem Passwort Codes per E-Mail gehören. Bestätigen Sie es mit diesem:'],
      code,
      afterwards: ['Er gilt einmal, zehn Minuten lang.'],
    }),
    newDevice: (facts, product) =>
      notice(
        `Anmeldung bei ${product} von einem neuen Gerät`,
        'Jemand hat sich an Ihrem Konto von einem Ort oder mit einem Gerät angemeldet, die wir noch nicht kennen.',
        facts,
      ),
    passwordChanged: (facts, product) =>
      notice(
        `Ihr Passwort für ${product} wurde geändert`,
        'Ihr Konto hat jetzt ein anderes Passwort. Alle anderen Sitzungen sind beendet.',
        facts,
      ),
    passwordReset: (facts, product) =>
      notice(
        `Ihr Passwort für ${product} wurde zurückgesetzt`,
        'Über einen Link aus einer Mail wurde ein neues Passwort für Ihr Konto gewählt. Alle Sitzungen sind beendet.',
        facts,
      ),
    emailChangeRequested: (facts, product) =>
      notice(
        `Ihre Adresse für ${product} soll sich ändern`,
        `Ihr Konto soll die Adresse ${facts.newEmail} bekommen, sobald sie bestätigt ist.`,
        facts,
      ),
    emailChanged: (facts, product) =>
      notice(
        `Ihre Adresse für ${product} wurde geändert`,
        `Ihr Konto hat jetzt die Adresse ${facts.newEmail}. Künftig schreiben wir dorthin.`,
        facts,
      ),
    secondFactorAdded: (facts, product) =>
      notice(
        `Ein zweiter Faktor kam bei ${product} dazu`,
        `Zur Anmeldung an Ihrem Konto gehört neben dem Passwort jetzt: ${methods[facts.method]}. Andere Sitzungen sind beendet.`,
        facts,
      ),
    secondFactorRemoved: (facts, product) =>
      notice(
        `Ein zweiter Faktor fiel bei ${product} weg`,
        `Zur Anmeldung an Ihrem Konto gehört nicht mehr: ${methods[facts.method]}. Andere Sitzungen sind beendet.`,
        facts,
      ),
    recoveryCodesRenewed: (facts, product) =>
      notice(
        `Neue Wiederherstellungscodes für ${product}`,
        'Ihr Konto hat neue Wiederherstellungscodes. Die alten gelten nicht mehr.',
        facts,
      ),
    recoveryCodeUsed: (facts, product) =>
      notice(
        `Ein Wiederherstellungscode wurde bei ${product} benutzt`,
        `Jemand hat sich mit einem Wiederherstellungscode an Ihrem Konto angemeldet. Es bleiben ${facts.left}.`,
        facts,
      ),
    passkeyAdded: (facts, product) =>
      notice(
        `Ein Passkey kam bei ${product} dazu`,
        `Der Passkey „${label(facts.name)}“ meldet jetzt ohne Passwort an Ihrem Konto an.`,
        facts,
      ),
    passkeyRemoved: (facts, product) =>
      notice(
        `Ein Passkey fiel bei ${product} weg`,
        `Der Passkey „${label(facts.name)}“ meldet nicht mehr an Ihrem Konto an. Andere Sitzungen sind beendet.`,
        facts,
      ),
    codesGuessed: (facts, product) =>
      notice(
        `Jemand rät Codes für Ihr Konto bei ${product}`,
        'Jemand hat Ihr Passwort und viele falsche Codes versucht. Wir nehmen eine Weile keine mehr an. Ändern Sie Ihr Passwort.',
        facts,
      ),
    tokenReused: (facts, product) =>
      notice(
        `Eine Sitzung bei ${product} wurde beendet`,
        'Ein Schlüssel einer Ihrer Sitzungen wurde ein zweites Mal benutzt, als hätte ihn jemand kopiert. Wir haben sie beendet.',
        facts,
      ),
    accountDeleted: (facts, product) => ({
      subject: `Ihr Konto bei ${product} ist gelöscht`,
      paragraphs: ['Ihr Konto wurde mit allen Beiträgen gelöscht.', origin(facts)],
    }),
  },
};
