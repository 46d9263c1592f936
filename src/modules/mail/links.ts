/** Where each mail's link leads; the page of that name is served by this server, or by whoever has PUBLIC_URL. */
const pages = {
  verifyEmail: 'verify-email',
  resetPassword: 'reset-password',
  disavow: 'not-me',
} as const;

/** Makes the links of mails. The token stands in the fragment, which browsers send to nobody: no log and no referrer has it. */
export class Links {
  constructor(private readonly publicUrl: string) {}

  to(page: keyof typeof pages, token: string): string {
    return `${this.publicUrl}/${pages[page]}#token=${token}`;
  }
}
