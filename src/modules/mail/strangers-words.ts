// What a mail says in somebody else's words. Whoever makes an account with another's address has them mailed to that
// person, and mail readers make links of whatever looks like one: so nothing here ever does.

/** A name to be greeted by; null where it reads like an address. */
export function greetable(username: string): string | null {
  return /^[\w+-]+$/.test(username) ? username : null;
}

/** What somebody called a thing, of one line, without the characters of addresses. */
export function label(name: string): string {
  const words = name.replace(/[^\p{L}\p{M}\p{N}'’()&+-]+/gu, ' ').trim();
  return Array.from(words).slice(0, 60).join('') || '?';
}

const programs: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/\S+ .*Safari\//, 'Safari'],
];

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** What a person calls the program that sent the header, such as `Firefox, Windows`; null where nothing is known of it. */
export function programOf(userAgent: string | null): string | null {
  if (userAgent === null) return null;
  const program = nameIn(programs, userAgent) ?? /^[A-Za-z]{2,30}(?=[/ ]|$)/.exec(userAgent)?.[0];
  if (program === undefined || program === 'Mozilla') return null;
  return [program, nameIn(systems, userAgent)].filter((part) => part !== undefined).join(', ');
}

function nameIn(names: typeof programs, userAgent: string): string | undefined {
  return names.find(([pattern]) => pattern.test(userAgent))?.[1];
}
