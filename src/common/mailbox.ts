/** Whom mails are from, in its parts. */
export interface Mailbox {
  /** Empty where it is a bare address. */
  readonly name: string;
  readonly address: string;
  readonly domain: string;
}

/** Reads what MAIL_FROM may be: an address, or a name, be it in quotes, with the address in angle brackets. */
export function readMailbox(text: string): Mailbox {
  const [, name = '', address = text] = /^(.*?) *<([^<>]+)>$/.exec(text) ?? [];
  return { name: name.replace(/^"(.*)"$/, '$1'), address, domain: address.slice(address.lastIndexOf('@') + 1) };
}

/** What the product calls itself to its users: the name that its mails are from, or the host of a bare address. */
export function productName(mailFrom: string): string {
  const { name, domain } = readMailbox(mailFrom);
  return name || domain;
}
