import { different, none, same } from '../answer.js';
import { bearer, codec, configFaults, jwkUrl, keys } from '../our-tests.js';
import type { AnswersTo } from './answers-to.js';

const roundTrips = [
  codec('%s gives back every claim of an access token'),
  codec('%s gives back every claim of a refresh token'),
] as const;
const alwaysVerified = none('Nothing reads a token whose signature it has not verified.');
const leeway = codec('with $leeway ms leeway, $sinceExpiry ms after expiry: accepted $accepted');

export const backends: AnswersTo<'test_backends.py'> = {
  TestTokenBackend: {
    test_init: same(configFaults('%s=%j is refused with one line that names it and its rule', 'JWT_ALGORITHM')),
    test_init_fails_for_rs_algorithms_when_crypto_not_installed: none('Node always has its cryptography.'),
    test_jwk_client_not_available: none('The client of JWT_JWK_URL is a part of the program.'),
    test_token_encode_should_return_str_for_old_PyJWT: none('It is about a version of PyJWT.'),
    test_encode_hmac: same(codec("a refresh token has SimpleJWT's layout and the session")),
    test_encode_rsa: same(
      bearer('%s: whoever has the JWKS can check the tokens, and nobody else’s are taken', 'RS256'),
      codec('%s signs the same claims to the same bytes'),
    ),
    test_encode_aud_iss: same(codec('claim names, issuer and audience are those of the settings')),
    test_decode_with_no_expiry: different(
      'SimpleJWT leaves it to the class of the token; here no token is read without an expiry.',
      codec('%s is refused', 'no exp'),
    ),
    test_decode_with_no_expiry_no_verify: alwaysVerified,
    test_decode_with_expiry: same(leeway),
    test_decode_with_invalid_sig: same(
      codec('a %s token with any character changed is refused'),
      codec('an expired token with a bad signature is malformed'),
    ),
    test_decode_with_invalid_sig_no_verify: alwaysVerified,
    test_decode_success: same(...roundTrips),
    test_decode_aud_iss_success: same(
      bearer('JWT_ISSUER and JWT_AUDIENCE are in every token and asked of every token'),
      codec('claim names, issuer and audience are those of the settings'),
    ),
    test_decode_rsa_aud_iss_jwk_success: same(
      jwkUrl('a foreign token that an RSA key has signed proves who asks, too, with issuer and audience'),
      jwkUrl('issuer and audience must be those of the settings'),
    ),
    test_decode_jwk_missing_key_raises_tokenbackenderror: same(
      jwkUrl('are fetched again for a kid that is not among them, at most once a minute'),
      jwkUrl('that were withdrawn are refused from the next fetch on'),
    ),
    test_decode_when_algorithm_not_available: none('An algorithm that Node lacks is no value of JWT_ALGORITHM.'),
    test_decode_when_token_algorithm_does_not_match: same(
      codec('%s is refused, even under a right signature', 'another HMAC'),
      codec('the public key of %s is no HMAC secret'),
      keys('%s is refused for %s, and not repeated', 'plain text'),
    ),
    test_decode_leeway_hmac_fail: same(leeway),
    test_decode_leeway_hmac_success: same(leeway, bearer('JWT_LEEWAY lets a token live a little longer')),
    test_custom_JSONEncoder: none(
      'Claims are JSON values from the start: there is nothing that an encoder would turn into one.',
    ),
  },
};
