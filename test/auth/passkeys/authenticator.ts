import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** COSE algorithms (IANA), by the name of the key that they take. */
const algorithms = { ES256: -7, EdDSA: -8, RS256: -257, ES384: -35 } as const;
export type Algorithm = keyof typeof algorithms;

/** Bits of the authenticator data (WebAuthn level 3, section 6.1). */
export const flags = { present: 0x01, verified: 0x04, eligible: 0x08, backedUp: 0x10, attested: 0x40 } as const;

/** What an honest authenticator and browser would not do. */
export interface Forgery {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly flags?: number;
  readonly counter?: number;
  readonly userHandle?: string;
  /** The format of the attestation and its statement, in CBOR. */
  readonly attestation?: { readonly format: string; readonly statement: Buffer };
  /** Signs with this key instead. */
  readonly key?: KeyObject;
}

/** The options of a challenge, as far as an authenticator looks at them. */
interface Options {
  readonly challenge: string;
  readonly user?: unknown;
}

export interface CredentialJson {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: Readonly<Record<string, unknown>>;
  readonly clientExtensionResults: object;
}

/** An authenticator and its browser in one, with one passkey, that does what a test wants of it. */
export class Authenticator {
  readonly id = randomBytes(16);
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** 0 for ever, as password managers count, or from this number on. */
  counter: number;
  private userHandle = '';

  constructor(
    private readonly origin: string,
    private readonly rpId: string,
    readonly algorithm: Algorithm = 'ES256',
    counter = 0,
  ) {
    this.keys = keyPairOf(algorithm);
    this.counter = counter;
  }

  /** The answer to `navigator.credentials.create`. */
  create({ challenge, user }: Options, forgery: Forgery = {}): CredentialJson {
    this.userHandle = Object(user).id ?? '';
    const clientData = this.clientData('webauthn.create', challenge, forgery);
    const idLength = Buffer.alloc(2);
    idLength.writeUInt16BE(this.id.length);
    const attested = Buffer.concat([
      Buffer.alloc(16),
      idLength,
      this.id,
      coseKeyOf(this.algorithm, this.keys.publicKey),
    ]);
    const usual = flags.present | flags.verified | flags.attested;
    const authData = Buffer.concat([this.authenticatorData(usual, forgery), attested]);
    const { format, statement } = forgery.attestation ?? { format: 'none', statement: map([]) };
    const attestationObject = map([
      [text('fmt'), text(format)],
      [text('attStmt'), statement],
      [text('authData'), bytes(authData)],
    ]);
    return this.credential({
      clientDataJSON: clientData.toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** The answer to `navigator.credentials.get`. */
  get({ challenge }: Options, forgery: Forgery = {}): CredentialJson {
    if (this.counter > 0) this.counter += 1;
    const clientData = this.clientData('webauthn.get', challenge, forgery);
    const authData = this.authenticatorData(flags.present | flags.verified, forgery);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const hash = this.algorithm === 'EdDSA' ? null : 'sha256';
    return this.credential({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign(hash, signed, forgery.key ?? this.keys.privateKey).toString('base64url'),
      userHandle: forgery.userHandle ?? this.userHandle,
    });
  }

  private clientData(type: string, challenge: string, forgery: Forgery): Buffer {
    const { origin = this.origin, crossOrigin = false } = forgery;
    const data = { type: forgery.type ?? type, challenge: forgery.challenge ?? challenge, origin, crossOrigin };
    return Buffer.from(JSON.stringify(data));
  }

  private authenticatorData(usual: number, forgery: Forgery): Buffer {
    const rpIdHash = createHash('sha256')
      .update(forgery.rpId ?? this.rpId)
      .digest();
    const rest = Buffer.alloc(5);
    rest.writeUInt8(forgery.flags ?? usual);
    rest.writeUInt32BE(forgery.counter ?? this.counter, 1);
    return Buffer.concat([rpIdHash, rest]);
  }

  private credential(response: Record<string, unknown>): CredentialJson {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }
}

function keyPairOf(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: algorithm === 'ES384' ? 'P-384' : 'P-256' });
}

/** A COSE_Key (RFC 9052, section 7). */
function coseKeyOf(algorithm: Algorithm, key: KeyObject): Buffer {
  const { x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const part = (value: string) => bytes(Buffer.from(value, 'base64url'));
  const alg: [Buffer, Buffer] = [integer(3), integer(algorithms[algorithm])];
  if (algorithm === 'RS256')
    return map([[integer(1), integer(3)], alg, [integer(-1), part(n)], [integer(-2), part(e)]]);
  if (algorithm === 'EdDSA')
    return map([[integer(1), integer(1)], alg, [integer(-1), integer(6)], [integer(-2), part(x)]]);
  const curve = integer(algorithm === 'ES384' ? 2 : 1);
  return map([[integer(1), integer(2)], alg, [integer(-1), curve], [integer(-2), part(x)], [integer(-3), part(y)]]);
}

/** As much of CBOR (RFC 8949) as authenticators speak. */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value);
  if (value < 256) return Buffer.of((major << 5) | 24, value);
  const buffer = Buffer.of((major << 5) | 25, 0, 0);
  buffer.writeUInt16BE(value, 1);
  return buffer;
}

function integer(value: number): Buffer {
  return value < 0 ? head(1, -1 - value) : head(0, value);
}

export function bytes(value: Buffer): Buffer {
  return Buffer.concat([head(2, value.length), value]);
}

export function text(value: string): Buffer {
  return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
}

export function map(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flat()]);
}
