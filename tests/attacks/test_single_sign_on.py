"""An OpenID provider, with keys of its own and over HTTP, that says too little or of somebody else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from allauth.core.context import request_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory, override_settings

from tests.support.cast import Cast
from tutela.organisations.models import Person
from tutela.organisations.people.allauth_adapters import SocialAdapter

CLIENT = "tutela-node"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(HTTPServer):
    """What a real one has: a discovery document, its public key, and what it says of the user."""

    said: dict[str, Any]

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, path: str) -> dict[str, Any]:
        key = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "one", "alg": "RS256"}
        config = {
            "issuer": self.said.get("issuer", self.issuer),
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint": f"{self.issuer}/token",
            "authorization_endpoint": f"{self.issuer}/authorize",
        }
        return {"/keys": {"keys": [key]}, "/userinfo": self.said["userinfo"]}.get(path, config)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        body = json.dumps(self.server.answer(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider(("127.0.0.1", 0), _Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def person(cast: Cast) -> Person:
    return cast.person(cast.pixelpost, "reviewer", name="Ilse")


def _opened(provider: Provider, *, token: dict[str, Any], userinfo: dict[str, Any], key: Any = KEY, **said: Any) -> Any:
    """Whose account is opened by these claims; None where none is. Raises what the library raises."""
    provider.said = {"userinfo": {"sub": "u1", **userinfo}, **said}
    claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "u1", "exp": time.time() + 60, "iat": time.time(), **token}
    signed = jwt.encode({n: one for n, one in claims.items() if one is not None}, key, "RS256", headers={"kid": "one"})
    app = {
        "provider_id": "oidc",
        "name": "Sign-on",
        "client_id": CLIENT,
        "secret": "s",
        "settings": {"server_url": provider.issuer},
    }
    config = settings.CONFIG.model_copy(update={"oidc_issuer": provider.issuer})
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    given = {"openid_connect": {"APPS": [app]}}
    with override_settings(SOCIALACCOUNT_PROVIDERS=given, CONFIG=config), request_context(request):
        adapter = OpenIDConnectOAuth2Adapter(request, "oidc")
        response = {"id_token": signed} if said.get("with_token", True) else {}
        one = adapter.get_provider().app
        login = adapter.complete_login(request, one, SocialToken(token="t"), response=response)
        found: list[Person] = []
        login.connect = lambda _request, user: found.append(user)
        try:
            SocialAdapter().pre_social_login(request, login)
        except ImmediateHttpResponse:
            return None
        return found[0] if found else None


def test_a_verified_address_opens_the_account_that_has_it(provider: Provider, person: Person) -> None:
    for verified in (True, "true"):
        assert _opened(provider, token={}, userinfo={"email": person.email, "email_verified": verified}) == person
    shouted = person.email.upper()
    assert _opened(provider, token={}, userinfo={"email": shouted, "email_verified": True}) == person


@pytest.mark.parametrize("verified", [False, "false", "False", "", None, 0, 1, "no", "0", [True], {"a": 1}, 2])
def test_an_address_that_is_not_verified_opens_none(provider: Provider, person: Person, verified: object) -> None:
    assert _opened(provider, token={}, userinfo={"email": person.email, "email_verified": verified}) is None


def test_what_says_nothing_of_it_opens_none(provider: Provider, person: Person) -> None:
    assert _opened(provider, token={"email": person.email, "email_verified": True}, userinfo={}) is None
    assert _opened(provider, token={}, userinfo={"email": person.email}) is None
    assert _opened(provider, token={}, userinfo={"email": "nobody@example.org", "email_verified": True}) is None


def test_another_subject_than_that_of_the_token_opens_none(provider: Provider, person: Person) -> None:
    mine = {"email": person.email, "email_verified": True}
    assert _opened(provider, token={}, userinfo={**mine, "sub": "somebody-else"}) is None
    assert _opened(provider, token={}, userinfo=mine, with_token=False) is None


def test_another_issuer_than_the_operators_opens_none(provider: Provider, person: Person) -> None:
    mine, foreign = {"email": person.email, "email_verified": True}, "https://issuer.example"
    assert _opened(provider, token={"iss": foreign}, userinfo=mine, issuer=foreign) is None


@pytest.mark.parametrize(
    "token", [{"iss": "https://issuer.example"}, {"aud": "another-client"}, {"aud": None}, {"exp": 1}, {"iss": None}]
)
def test_a_token_for_somebody_else_or_of_another_time_is_refused(
    provider: Provider, person: Person, token: dict[str, Any]
) -> None:
    with pytest.raises(OAuth2Error):
        _opened(provider, token=token, userinfo={"email": person.email, "email_verified": True})


def test_a_token_that_another_key_signed_is_refused(provider: Provider, person: Person) -> None:
    with pytest.raises(OAuth2Error):
        _opened(provider, token={}, userinfo={"email": person.email, "email_verified": True}, key=OTHER_KEY)
