"""A Django service that trusts Postern's access tokens by djangorestframework-simplejwt, without a table of users.

Needs Debian's python3-djangorestframework-simplejwt, or the package of that name from PyPI, and the settings that
Postern runs with: JWT_ISSUER, JWT_AUDIENCE and, for HS256, JWT_SIGNING_KEY; for ES256 or RS256, JWT_ALGORITHM and JWKS_URL.

    service.py serve [port]   answers GET / with what the bearer's token says
    service.py issue          prints an access token of SimpleJWT's own making
"""

import os
import sys
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.urandom(32).hex(),  # Django's own secret is no business of the tokens'
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
    SIMPLE_JWT={
        "ALGORITHM": os.environ.get("JWT_ALGORITHM", "HS256"),
        "SIGNING_KEY": os.environ.get("JWT_SIGNING_KEY", ""),
        "JWK_URL": os.environ.get("JWKS_URL"),
        "ISSUER": os.environ["JWT_ISSUER"],
        "AUDIENCE": os.environ["JWT_AUDIENCE"],
        "LEEWAY": 5,
    },
)
django.setup()

# Only now, because these read the settings when they are imported.
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402


class WhoAmI(APIView):
    def get(self, request):
        user = request.user  # a TokenUser: every claim of the token is an attribute
        return Response({"id": user.id, "role": user.role, "email": user.email, "session": user.sid})


urlpatterns = [path("", WhoAmI.as_view())]


def serve(port="8000"):
    with make_server("127.0.0.1", int(port), get_wsgi_application()) as server:
        print(f"http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


def issue():
    token = AccessToken()
    token["user_id"] = "1"
    print(token)


if __name__ == "__main__":
    {"serve": serve, "issue": issue}[sys.argv[1]](*sys.argv[2:])
