"""One request about an account: the store, who asks, and from where."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.responses import JSONResponse, Response

from recsys.errors import DataError
from recsys.serve.accounts.downloads import Downloads
from recsys.serve.accounts.members import Members
from recsys.serve.engine import Engine
from recsys.serve.evenings.evenings import Evenings
from recsys.serve.security.bodies import NOBODY
from recsys.serve.security.cookies import SESSION, SessionCookie, forgotten
from recsys.serve.security.visitors import Visitor

if TYPE_CHECKING:
    from recsys.store import Person, Store


class AccountRequest:
    """Who asks, by the signed cookie and nothing else; to make one asks nobody, so that the event loop may.

    Attributes:
        engine: has the model.
        downloads: who takes something away at this moment.
        address: where the request comes from.
    """

    def __init__(self, members: Members, cookie: SessionCookie, engine: Engine, evenings: Evenings, request: Request):
        self.engine = engine
        self.downloads: Downloads = members.downloads
        self.address = request.client.host if request.client else "nowhere"
        self._members, self._cookie, self._cookies, self._evenings = members, cookie, request.cookies, evenings
        self._is_https = request.url.scheme == "https"

    @property
    def store(self) -> "Store":
        """The store; NotOpenError while there is none."""
        return self._members.store

    def note_films(self) -> None:
        """Let the store know what the films are called, if there is a model."""
        if self.engine.recommender is not None:
            self._members.film_names.note(self.engine.recommender, self.store)

    @property
    def token(self) -> str | None:
        """The token that the cookie holds; None if it holds none that was signed here."""
        return self._cookie.token(self._cookies)

    def person(self) -> "Person":
        """Who is signed in; DataError if nobody is."""
        from recsys.store import SignedOutError

        store, token = self.store, self.token
        if token is None:
            raise DataError(NOBODY)
        person = store.accounts.person_of(token)
        if person is None:
            raise SignedOutError
        return person

    def signed_in(self, token: str) -> Response:
        """An answer that keeps somebody signed in, whose seat in an evening is the account's from now on."""
        self._evenings.follow(self._visitor(self._cookies), self._visitor({SESSION: self._cookie.value(token)}))
        seconds = int(self.store.accounts.session_lasts.total_seconds())
        return JSONResponse({}, headers={"set-cookie": self._cookie.header(token, seconds, self._is_https)})

    def signed_out(self) -> Response:
        """An answer that removes the cookie, for somebody who has left the evening that they were in."""
        as_guest = {name: value for name, value in self._cookies.items() if name != SESSION}
        self._evenings.sign_out(self._visitor(self._cookies), self._visitor(as_guest))
        return JSONResponse({}, headers={"set-cookie": forgotten(self._is_https)})

    def _visitor(self, cookies: Mapping[str, str]) -> Visitor:
        return Visitor.by(cookies, self.address)
