/** What production demands so that mails can be sent; nobody listens there. */
export const mailed = {
  SMTP_URL: 'smtp://127.0.0.1:9',
  MAIL_FROM: 'Postern <postern@example.com>',
  PUBLIC_URL: 'https://postern.example.com',
};
