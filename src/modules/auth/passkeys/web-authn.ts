import { parse } from 'uuid';
import type { UserRow } from '../../users/user.queries.js';
import { readClientData } from './client-data.js';
import type { RegistrationResponse, SignInResponse } from './passkey.rules.js';
import type { WebAuthnJson } from './passkey.types.js';
import type { RelyingParty } from './relying-party.js';

/** How long a ceremony may take, in milliseconds. */
export const ceremonyTime = 5 * 60_000;

/** EdDSA, ES256 and RS256, of which every authenticator knows one (IANA COSE Algorithms). */
const algorithms = [-8, -7, -257];

/** In bytes: an RSA key of 8,192 bits has room. */
const longestKey = 2_048;

/** Why a passkey is not taken, for those who build clients; nothing in it is secret. */
export class PasskeyRefused extends Error {}

/** A passkey that an authenticator knows by this name, and how browsers reach it. */
interface KnownCredential {
  readonly credentialId: Buffer;
  readonly transports: readonly string[];
}

export interface NewCredential {
  readonly credentialId: Buffer;
  readonly transports: string[];
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly backedUp: boolean;
}

/** The two ceremonies of WebAuthn level 3 (sections 7.1 and 7.2), without the database. */
export class WebAuthn {
  constructor(private readonly party: RelyingParty) {}

  /** What `navigator.credentials.create` is asked for: a discoverable credential that verifies its user, by any maker. */
  async registrationOptions(
    { id, username }: Pick<UserRow, 'id' | 'username'>,
    known: readonly KnownCredential[],
    challenge: Buffer,
  ): Promise<WebAuthnJson> {
    const { generateRegistrationOptions } = await library();
    const options = await generateRegistrationOptions({
      rpID: this.party.id,
      rpName: this.party.name,
      userID: new Uint8Array(userHandle(id)),
      userName: username,
      userDisplayName: username,
      challenge: new Uint8Array(challenge),
      timeout: ceremonyTime,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: algorithms,
    });
    const excludeCredentials = known.map(({ credentialId, transports }) => {
      return { type: 'public-key', id: credentialId.toString('base64url'), transports };
    });
    return { ...options, excludeCredentials };
  }

  /** What `navigator.credentials.get` is asked for: any passkey of this relying party. */
  async signInOptions(challenge: Buffer): Promise<WebAuthnJson> {
    const { generateAuthenticationOptions } = await library();
    const { allowCredentials, extensions, ...options } = await generateAuthenticationOptions({
      rpID: this.party.id,
      challenge: new Uint8Array(challenge),
      timeout: ceremonyTime,
      userVerification: 'required',
    });
    return options;
  }

  /** Throws PasskeyRefused. */
  async verifyRegistration(response: RegistrationResponse, challenge: Buffer): Promise<NewCredential> {
    const { verifyRegistrationResponse } = await library();
    const { clientDataJSON, attestationObject, transports } = response.response;
    this.checkClientData(clientDataJSON, challenge);
    const { registrationInfo } = await refusing(async () =>
      verifyRegistrationResponse({
        response: {
          ...response,
          response: { clientDataJSON, attestationObject: await withoutStatement(attestationObject) },
          clientExtensionResults: {},
        },
        ...this.expected(challenge),
        supportedAlgorithmIDs: algorithms,
      }),
    );
    if (!registrationInfo) throw new PasskeyRefused('cannot be verified');
    const { credential, credentialBackedUp: backedUp } = registrationInfo;
    if (credential.id !== response.id) throw new PasskeyRefused('has two ids');
    if (credential.publicKey.length > longestKey) throw new PasskeyRefused('has too large a key');
    return {
      credentialId: Buffer.from(credential.id, 'base64url'),
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: transports ?? [],
      backedUp,
    };
  }

  /** Whether the counter went on is for the caller to decide, in the statement that notes it. Throws PasskeyRefused. */
  async verifySignIn(
    response: SignInResponse,
    challenge: Buffer,
    { publicKey, userId }: { readonly publicKey: Buffer; readonly userId: string },
  ): Promise<{ readonly counter: number; readonly backedUp: boolean }> {
    const { verifyAuthenticationResponse } = await library();
    this.checkClientData(response.response.clientDataJSON, challenge);
    if (response.response.userHandle !== userHandle(userId).toString('base64url')) {
      throw new PasskeyRefused('belongs to another user');
    }
    const { verified, authenticationInfo } = await refusing(() =>
      verifyAuthenticationResponse({
        response: { ...response, clientExtensionResults: {} },
        ...this.expected(challenge),
        // The library would believe a counter before it has looked at the signature.
        credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
      }),
    );
    if (!verified) throw new PasskeyRefused('has a wrong signature');
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
  }

  private expected(challenge: Buffer) {
    return {
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: [...this.party.origins],
      expectedRPID: this.party.id,
      requireUserVerification: true,
    };
  }

  private checkClientData(base64url: string, challenge: Buffer): void {
    const data = readClientData(base64url);
    if (data?.challenge !== challenge.toString('base64url')) throw new PasskeyRefused('answers another challenge');
    if (!this.party.origins.includes(data.origin)) {
      throw new PasskeyRefused(
        'is from an origin that is neither that of PUBLIC_URL nor one of CORS_ORIGINS on its host',
      );
    }
    if (data.crossOrigin) throw new PasskeyRefused('is from a frame within a page of another origin');
  }
}

/** Loaded with the first ceremony: it brings a good deal that a server without passkeys does not need. */
function library() {
  return import('@simplewebauthn/server');
}

/** By this the authenticator knows its user again: 16 bytes that say nothing of them (WebAuthn level 3, section 14.6.1). */
function userHandle(userId: string): Buffer {
  return Buffer.from(parse(userId));
}

/**
 * No statement about the authenticator's maker is asked for. One that comes all the same is dropped before anything reads
 * it: its certificates could name addresses that the library would fetch.
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await import('@simplewebauthn/server/helpers');
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData');
  const bare = new Map<string, string | Uint8Array | Map<string, string>>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  return isoBase64URL.fromBuffer(isoCBOR.encode(bare));
}

/** The library throws a plain Error for whatever it does not like, from malformed bytes to a missing user verification. */
async function refusing<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    throw new PasskeyRefused('cannot be verified', { cause });
  }
}
