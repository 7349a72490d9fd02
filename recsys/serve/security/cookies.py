"""The two cookies of the page: a signed one with the token of a session, and a random one that tells guests apart."""

import os
import secrets
from collections.abc import Callable, Mapping

from itsdangerous import BadData, URLSafeSerializer

from recsys.serve.address import SPACE_VARIABLE, root_path

SESSION = "movie-vae-session"
VISITOR = "movie-vae-visitor"
LONGEST = 500  # characters of a cookie that is looked at


class SessionCookie:
    """Puts the token of a session into a cookie, signed, so that a made-up one never reaches the database."""

    def __init__(self, key: Callable[[], bytes]):
        """Ask for nothing yet.

        Args:
            key: gives the secret; asked when a cookie is first written or read, and then no more.
        """
        self._key = key
        self._known: URLSafeSerializer | None = None

    def header(self, token: str, seconds: int, is_https: bool) -> str:
        """A Set-Cookie header that keeps the token for so long."""
        return set_cookie(SESSION, self.value(token), seconds, is_https)

    def value(self, token: str) -> str:
        """What the cookie of a token holds."""
        return str(self._serializer().dumps(token))

    def token(self, cookies: Mapping[str, str]) -> str | None:
        """The token that was signed here; None if there is none, or if it was tampered with."""
        value = cookies.get(SESSION, "")
        if not value or len(value) > LONGEST:
            return None
        try:
            token = self._serializer().loads(value)
        except BadData:
            return None
        return token if isinstance(token, str) else None

    def _serializer(self) -> URLSafeSerializer:
        if self._known is None:
            self._known = URLSafeSerializer(self._key(), salt="session")
        return self._known


def owner(cookies: Mapping[str, str]) -> str:
    """Whose browser it is: what no two people share, and what changes when somebody signs in or out."""
    return next((f"{name}={cookies[name]}" for name in (SESSION, VISITOR) if cookies.get(name)), "")


def new_visitor(is_https: bool) -> str:
    """A Set-Cookie header that tells this browser from all others until it is closed."""
    return set_cookie(VISITOR, secrets.token_urlsafe(16), None, is_https)


def forgotten(is_https: bool) -> str:
    """A Set-Cookie header that removes the session."""
    return set_cookie(SESSION, "", 0, is_https)


def set_cookie(name: str, value: str, seconds: int | None, is_https: bool, path: str = "") -> str:
    """A Set-Cookie header that scripts cannot read; without seconds it lasts until the browser is closed.

    It is for a path of the page, or all of it, and for nothing else at the same host.

    On a Space the page is a frame within another site's page, so a cookie is for all sites (but kept apart for each
    that frames it). Elsewhere it is sent to this page only when it is asked for by itself or by a link.
    """
    lifetime = "" if seconds is None else f"; Max-Age={seconds}"
    if os.environ.get(SPACE_VARIABLE):
        where = "; SameSite=None; Secure; Partitioned"
    else:
        where = "; SameSite=Lax" + ("; Secure" if is_https else "")
    place = f"{root_path()}{path}" or "/"
    return f"{name}={value}; Path={place}; HttpOnly{lifetime}{where}"
