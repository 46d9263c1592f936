import { z } from 'zod';

const rules = z.object({
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
});

/** What the browser vouches for, which the authenticator signs as it stands (WebAuthn level 3, section 5.8.1). */
export type ClientData = z.infer<typeof rules>;

/** Null for what is none. */
export function readClientData(base64url: string): ClientData | null {
  try {
    return rules.parse(JSON.parse(Buffer.from(base64url, 'base64url').toString()));
  } catch {
    return null;
  }
}
