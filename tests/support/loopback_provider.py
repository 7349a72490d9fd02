"""A provider of OpenID Connect on 127.0.0.1, for one client: whoever is its `person` allows everything at once.

What is wrong with it in a test is switched on by its attributes `declines`, `broken`, `altered` and `signs`.
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "client-of-the-page", "secret-of-the-client"
ALGORITHMS = ["RS256", "HS256", "none"]  # that it says it signs with: more than a client should believe
ZOE = {"sub": "61f0", "preferred_username": "zoe-films", "name": "Zoë F."}


@dataclass
class Visit:
    """What the provider remembers of somebody whom it sent back with a code."""

    asked: Mapping[str, str]
    person: Mapping[str, Any] = field(default_factory=dict)


class LoopbackProvider:
    """The server.

    Attributes:
        person: who is signed in there: claims, of which `hidden` are only in the answer of userinfo.
        declines: the error that comes instead of a code.
        broken: the answer of a path in place of its own.
        altered: claims of the ID token in place of its own; None leaves one out.
        signs: algorithm and key of the ID token, in place of its own.
        asked: paths of all requests.
    """

    def __init__(self) -> None:
        self.key = self.new_key()
        self.reset()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or every answer waits 40 ms
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(self.app(), log_config=None, log_level="critical", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    @staticmethod
    def new_key() -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def reset(self) -> None:
        """Be new and in order."""
        self.person: dict[str, Any] = dict(ZOE)
        self.hidden: tuple[str, ...] = ()
        self.declines = ""
        self.broken: dict[str, Response] = {}
        self.altered: dict[str, Any] = {}
        self.signs: tuple[str, RSAKey | OctKey] | None = None
        self.asked: list[str] = []
        self.visits: dict[str, Visit] = {}  # by code, and later by access token

    def start(self) -> None:
        """Return when it answers."""
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        """Return when nobody answers any more."""
        self.server.should_exit = self.server.force_exit = True
        self.thread.join()
        self.socket.close()

    def app(self) -> Starlette:
        """What answers."""
        routes = {
            "GET /.well-known/openid-configuration": self.describe,
            "GET /oauth/authorize": self.authorize,
            "POST /oauth/token": self.token,
            "GET /oauth/jwks": self.keys,
            "GET /oauth/userinfo": self.userinfo,
        }
        split = [(*route.split(), answer) for route, answer in routes.items()]
        return Starlette(routes=[Route(path, self.noted(answer), methods=[method]) for method, path, answer in split])

    def noted(self, answer):
        """An answer that is noted, and replaced if it is to be broken."""

        async def noted(request: Request) -> Response:
            self.asked.append(request.url.path)
            return self.broken.get(request.url.path) or await answer(request)

        return noted

    async def describe(self, request: Request) -> Response:
        return JSONResponse(self.description())

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/oauth/authorize",
            "token_endpoint": f"{self.url}/oauth/token",
            "userinfo_endpoint": f"{self.url}/oauth/userinfo",
            "jwks_uri": f"{self.url}/oauth/jwks",
            "id_token_signing_alg_values_supported": ALGORITHMS,
        }

    async def keys(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def authorize(self, request: Request) -> Response:
        """Send the browser back with a code, or with an error."""
        asked = dict(request.query_params)
        expected = {"client_id": CLIENT_ID, "response_type": "code", "scope": "openid profile"}
        if expected.items() - asked.items() or asked.get("code_challenge_method") != "S256":
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_hex(8)
        self.visits[code] = Visit(asked, dict(self.person))
        said = {"error": self.declines, "error_description": "secret"} if self.declines else {"code": code}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        """Tokens for a code: once, for the client that knows its secret, and for who holds the verifier."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        async with request.form() as form:
            visit = self.visits.pop(str(form.get("code")), None)
            if visit is None or form.get("grant_type") != "authorization_code" or not is_of(visit, form):
                return JSONResponse({"error": "invalid_grant", "error_description": "secret"}, 400)
        access = secrets.token_hex(8)
        self.visits[access] = visit
        return JSONResponse(
            {"access_token": access, "token_type": "Bearer", "expires_in": 3600, "id_token": self.id_token(visit)}
        )

    def id_token(self, visit: Visit) -> str:
        """Who visits, signed."""
        now = int(time.time())
        own = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": visit.asked.get("nonce")}
        shown = {name: value for name, value in visit.person.items() if name not in self.hidden}
        claims = {name: value for name, value in {**shown, **own, **self.altered}.items() if value is not None}
        algorithm, key = self.signs or ("RS256", self.key)
        header = {"alg": algorithm, "kid": key.kid}
        if algorithm == "none":
            parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in (header, claims))
            return "".join(f"{part.rstrip('=')}." for part in parts)
        return jwt.encode(header, claims, key, algorithms=[algorithm])

    async def userinfo(self, request: Request) -> Response:
        visit = self.visits.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return JSONResponse(visit.person) if visit else JSONResponse({"error": "invalid_token"}, 401)


def is_of(visit: Visit, form: Mapping[str, Any]) -> bool:
    """Whether a token is asked for by who began the visit: PKCE's check, and that of the address."""
    digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return challenge == visit.asked["code_challenge"] and form.get("redirect_uri") == visit.asked["redirect_uri"]
