/** A key is no good, or what was asked of a key cannot be done; the message is one line for the operator, without any part of a secret. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}
