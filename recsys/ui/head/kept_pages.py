"""The page as it was last sent, which is the same for whoever comes by the same address: to make it is slow."""

import gzip
from collections import OrderedDict
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

MOST = 16  # pages that are kept, of half a million bytes or less
LEVEL = 6  # of gzip, which takes as long as the page takes to be made, and is done once
# whatever Gradio reads of a request to find its own address
ASKED_AS = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
LONGEST = 1000  # characters of all of these
OTHER = "deep_link"  # in a query, asks Gradio for another page

Key = tuple[str, ...]


@dataclass(frozen=True)
class SentPage:
    """An answer with the page.

    Attributes:
        headers: with its length and encoding.
        body: so encoded.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @classmethod
    def of(cls, start: Message, html: str, is_zipped: bool) -> Self:
        """A page that an answer begins with.

        Args:
            start: of the answer.
            html: the page.
            is_zipped: whether it is sent as gzip.
        """
        body = gzip.compress(html.encode(), LEVEL, mtime=0) if is_zipped else html.encode()
        headers = [each for each in start["headers"] if each[0].lower() != b"content-length"]
        own = [(b"content-length", str(len(body)).encode()), (b"vary", b"accept-encoding")]
        return cls((*headers, *own, *([(b"content-encoding", b"gzip")] if is_zipped else [])), body)

    async def send(self, send: Send, status: int = 200) -> None:
        """Give it to somebody."""
        await send({"type": "http.response.start", "status": status, "headers": [*self.headers]})
        await send({"type": "http.response.body", "body": self.body})


class KeptPages:
    """Pages by what was asked for; who asks by many addresses has them made again and again."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Key, SentPage] = OrderedDict()

    def of(self, key: Key | None) -> SentPage | None:
        """One of them; None if it is to be made."""
        if key not in self._pages or key is None:
            return None
        self._pages.move_to_end(key)
        return self._pages[key]

    def keep(self, key: Key | None, page: SentPage) -> None:
        """Keep one, in place of the one that was asked for longest ago; None: it is not to be kept."""
        if key is not None:
            self._pages[key] = page
            if len(self._pages) > MOST:
                self._pages.popitem(last=False)


def key_of(scope: Scope, inside: str = "") -> Key | None:
    """Whatever the page of a request depends on; None if it is not one that is kept.

    Args:
        scope: of the request.
        inside: stands in the page besides.
    """
    if scope["method"] != "GET" or OTHER in parse_qs(scope["query_string"].decode("latin-1")):
        return None
    headers = Headers(scope=scope)
    asked = [",".join(headers.getlist(name)) for name in ASKED_AS]
    key = (scope["scheme"], scope.get("root_path", ""), *asked, "gzip" if takes_gzip(scope) else "")
    return (*key, inside) if sum(map(len, key)) <= LONGEST else None


def takes_gzip(scope: Scope) -> bool:
    """Whether a browser reads gzip."""
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")
