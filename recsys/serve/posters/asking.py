"""One question to one host: no redirect is followed, and neither a long nor a slow answer is read to its end."""

import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from recsys.serve.posters.trouble import MOST_SECONDS, TroubleError

PIECE = 2**14  # bytes
LOOPBACK = "http://127.0.0.1:"
REFUSED = "TMDB refuses the key in TMDB_API_KEY (status {}): see https://www.themoviedb.org/settings/api."


class NotThereError(Exception):
    """The host has nothing at this address."""


class Unfollowed(HTTPRedirectHandler):
    """Lets a redirect be the failure that it is here."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Go nowhere."""


class Host:
    """A host that is asked by https; for tests one of this machine may be asked without."""

    def __init__(self, address: str, seconds: float):
        """Take the host.

        Args:
            address: its URL, without a slash at its end.
            seconds: that it may be silent, and that an answer may take.
        """
        assert address.startswith(("https://", LOOPBACK)), "posters are fetched by https"
        self._address, self._seconds, self._opener = address, seconds, build_opener(Unfollowed)

    def get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], most: int) -> tuple[str, bytes]:
        """The content type of an answer, and its body.

        Args:
            path: within the host.
            query: what is asked for.
            headers: of the request.
            most: bytes that the body may have.

        Raises:
            NotThereError: the status is 404.
            TroubleError: whatever else prevents an answer.
        """
        words = f"?{urlencode(query, errors='replace')}" if query else ""
        request = Request(f"{self._address}{path}{words}", headers={"User-Agent": "movie-vae", **headers})
        deadline = time.monotonic() + self._seconds
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return answer.headers.get_content_type(), body_of(answer, most, deadline)
        except HTTPError as error:
            with error:
                refuse(error.code, error.headers.get("Retry-After", ""))
        except TimeoutError:
            raise silent() from None
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, TimeoutError):
                raise silent() from None
            kind = type(reason).__name__
            raise TroubleError("unreachable", f"TMDB cannot be reached ({kind}).") from None


def silent() -> TroubleError:
    """What is said of a host that keeps one waiting."""
    return TroubleError("silent", "TMDB does not answer in time.")


def body_of(answer: HTTPResponse, most: int, deadline: float) -> bytes:
    """The body of an answer; TroubleError if it is too long, too slow or cut short."""
    body = bytearray()
    while piece := answer.read1(PIECE):
        body += piece
        if len(body) > most:
            raise TroubleError("large", f"TMDB sent more than {most:,} bytes.")
        if time.monotonic() > deadline:
            raise silent()
    if answer.length:
        raise TroubleError("cut", "An answer of TMDB broke off.")
    return bytes(body)


def refuse(status: int, wait: str) -> NoReturn:
    """Say why an answer is none.

    Args:
        status: of the answer, 300 or more.
        wait: its header Retry-After; "" without one.
    """
    if status == 404:
        raise NotThereError from None
    if status in (401, 403):
        raise TroubleError("key", REFUSED.format(status), wait=MOST_SECONDS) from None
    seconds = float(wait) if wait.isdecimal() and len(wait) < 7 else 0.0
    raise TroubleError(f"status {status}", f"TMDB answers with status {status}.", wait=seconds) from None
