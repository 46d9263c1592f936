import type { MailLanguage } from '../../config.js';

export type AccountPageName = 'verify-email' | 'reset-password' | 'not-me';

/** A last word: the page has nothing more to do. */
interface Ending {
  readonly title: string;
  readonly text: string;
}

/** How a page may end, each with what to do next. */
interface Endings {
  readonly done: Ending;
  /** The link's time is over. */
  readonly expired: Ending;
  /** The link was used, or has been replaced by another, or never was one. */
  readonly dead: Ending;
}

interface PageTexts {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** What the button does, where that is more than one thing. */
  readonly consequences?: readonly string[];
  readonly button: string;
  readonly endings: Endings & { readonly taken?: Ending };
}

/** The pages in one language. */
export interface AccountPageTexts {
  readonly language: MailLanguage;
  readonly noScript: string;
  /** The page was opened without the part of the link that counts. */
  readonly noToken: Ending;
  readonly password: { readonly label: string; readonly hint: string; readonly show: string };
  /** What went wrong, when another try may help; `{…}` is filled in from the error. */
  readonly problems: {
    readonly RATE_LIMITED: string;
    readonly SERVICE_UNAVAILABLE: string;
    readonly other: string;
    readonly unreachable: string;
  };
  /** What the server says of a password, by its own words; those that are missing are shown as they are. */
  readonly issues: Readonly<Record<string, string>>;
  readonly pages: Readonly<Record<AccountPageName, PageTexts>>;
}
