/** What the product calls itself to its users: the name that its mails are from, or the host of a bare address. */
export function productName(mailFrom: string): string {
  const [, name, host] = /^(?:(.+) <[^>]*>|[^@]*@(.+))$/.exec(mailFrom) ?? [];
  return name ?? host ?? mailFrom;
}
