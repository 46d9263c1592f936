import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type CryptoPlugin, generateSecret, generateURI, verifySync } from 'otplib';
import { renderSVG } from 'uqr';

/** RFC 6238's defaults, the only ones that all authenticators know. */
const parameters = { algorithm: 'sha1', digits: 6, period: 30 } as const;

/** RFC 4226, section 4: 160 bits are recommended. */
const secretLength = 20;

const nodeCrypto: CryptoPlugin = {
  name: 'node',
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  randomBytes: (length) => randomBytes(length),
  constantTimeEqual: (one, other) => {
    const [left, right] = [Buffer.from(one), Buffer.from(other)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};

/** A new secret, in Base32. */
export function newTotpSecret(): string {
  return generateSecret({ length: secretLength, crypto: nodeCrypto });
}

/** What authenticators read (the Key URI format of Google Authenticator). */
export function otpauthUrl(issuer: string, account: string, secret: string): string {
  return generateURI({ issuer, label: account, secret, ...parameters });
}

/** An SVG document, with the quiet zone that ISO/IEC 18004 asks for. */
export function qrCodeOf(url: string): string {
  return renderSVG(url, { border: 4, ecc: 'M', pixelSize: 4 });
}

/** The time step that the code is of, if that is now's or the one before or after it (RFC 6238, section 5.2); else null. */
export function totpStepOf(secret: string, code: string, now: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const epoch = Math.floor(now / 1000);
  const options = { secret, token: code, epoch, epochTolerance: parameters.period, crypto: nodeCrypto, ...parameters };
  const result = verifySync(options);
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}
