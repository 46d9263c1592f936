"""A service that trusts Postern's access tokens: it verifies them with Postern's public keys, and asks Postern nothing else.

Needs PyJWT and cryptography (Debian: python3-jwt, python3-cryptography). Copy `Verifier`. Run as a program it reads
tokens, one a line, and prints what each says or why it is refused.
"""

import json
import os
import sys
import time

import jwt

LEEWAY = 5  # seconds that clocks may differ; PyJWT also refuses an `iat` that is further ahead
REFETCH_PAUSE = 30  # an unknown key id makes it look for new keys, but not more often than this


class PatientJWKClient(jwt.PyJWKClient):
    """Without a pause, whoever sends tokens with made-up key ids would make us fetch the keys for each of them."""

    next_fetch = 0.0

    def get_jwk_set(self, refresh=False):
        return super().get_jwk_set(refresh and time.monotonic() >= self.next_fetch)

    def fetch_data(self):
        self.next_fetch = time.monotonic() + REFETCH_PAUSE
        return super().fetch_data()


class Verifier:
    def __init__(self, jwks_url, algorithm, issuer, audience):
        self.keys = PatientJWKClient(jwks_url, lifespan=300)
        self.algorithm, self.issuer, self.audience = algorithm, issuer, audience

    def verify(self, token):
        """The claims of an access token that is good now; raises jwt.PyJWTError for any other."""
        claims = jwt.decode(
            token,
            self.keys.get_signing_key_from_jwt(token).key,
            # The algorithm is ours to choose: the token's header may only agree (RFC 8725, section 3.1).
            algorithms=[self.algorithm],
            issuer=self.issuer,
            audience=self.audience,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", "user_id", "token_type"]},
        )
        if claims["token_type"] != "access":
            raise jwt.InvalidTokenError("wrong token type")
        return claims


if __name__ == "__main__":
    names = ("JWKS_URL", "JWT_ALGORITHM", "JWT_ISSUER", "JWT_AUDIENCE")
    verifier = Verifier(*(os.environ[name] for name in names))
    for line in sys.stdin:
        try:
            answer = verifier.verify(line.strip())
        except jwt.PyJWTError as error:
            answer = {"refused": str(error)}
        print(json.dumps(answer), flush=True)
