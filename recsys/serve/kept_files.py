"""Files that are the same for everybody: answered from memory, and kept by browsers for as long as they may be."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# nothing that a file system takes for another name of the same file
FILES = re.compile(r"/theme\.css|/(assets|static)(/[\w-][\w.-]*)+", re.ASCII)
NAMED_BY_CONTENT = "/assets/"  # whatever is below has another name as soon as it is another
YEAR, DAY = 365 * 24 * 3600, 24 * 3600  # seconds that a browser keeps them
MOST_BYTES = 16_000_000  # that are kept here; all of Gradio's files have 6 million, as browsers take them
ENCODINGS = ("br", "gzip")  # the better first


class KeptFiles:
    """Middleware around what has the files: it answers for each once, in every encoding that is asked for."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._answers: dict[tuple[str, str], Kept] = {}  # by path and encoding
        self._n_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the page answer."""
        if not is_whole_file(scope):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = scope["path"], encoding_of(headers.get("accept-encoding", ""))
        if kept := self._answers.get(key):
            await kept.send(send, headers.get("if-none-match"))
            return
        answer = Copied(send, scope["path"])
        await self.app(scope, receive, answer.send)
        self._keep(key, answer)

    def _keep(self, key: tuple[str, str], answer: "Copied") -> None:
        """Keep an answer that is whole, while there is room."""
        n_bytes = len(answer.body)
        if answer.is_whole and key not in self._answers and self._n_bytes + n_bytes <= MOST_BYTES:
            self._n_bytes += n_bytes
            self._answers[key] = Kept(answer.headers, bytes(answer.body))


class Kept:
    """An answer that is kept."""

    def __init__(self, headers: list[tuple[bytes, bytes]], body: bytes):
        self._headers, self._body = headers, body
        self._tag = Headers(raw=headers).get("etag")

    async def send(self, send: Send, known: str | None) -> None:
        """Give it to somebody; `known` is the tag of what their browser has."""
        is_new = self._tag is None or known != self._tag
        headers = [each for each in self._headers if is_new or each[0] != b"content-length"]
        await send({"type": "http.response.start", "status": 200 if is_new else 304, "headers": headers})
        await send({"type": "http.response.body", "body": self._body if is_new else b""})


class Copied:
    """An answer on its way, of which a copy is made.

    Attributes:
        headers: as they were sent.
        body: as far as it was sent.
        is_whole: whether that is all of a file.
    """

    def __init__(self, send: Send, path: str):
        self.headers: list[tuple[bytes, bytes]] = []
        self.body, self.is_whole = bytearray(), False
        self._send, self._path, self._is_file = send, path, False

    async def send(self, message: Message) -> None:
        """Pass a message on, with how long browsers may keep the file."""
        if message["type"] == "http.response.start" and message["status"] == 200:
            self._is_file = True
            headers = MutableHeaders(scope=message)
            headers["cache-control"] = time_of(self._path)
            headers.add_vary_header("accept-encoding")
            self.headers = [*message["headers"]]
        elif message["type"] == "http.response.body" and self._is_file:
            self.body += message.get("body", b"")
            self.is_whole = not message.get("more_body", False)
        await self._send(message)


def is_whole_file(scope: Scope) -> bool:
    """Whether a request is for one of the files, and not for a part of it."""
    if scope["type"] != "http" or scope["method"] != "GET" or FILES.fullmatch(scope["path"]) is None:
        return False
    return all(name.lower() != b"range" for name, _ in scope["headers"])


def encoding_of(accepted: str) -> str:
    """The encoding in which a browser gets a file, as Gradio chooses it; "" for none."""
    return next((each for each in ENCODINGS if each in accepted), "")


def time_of(path: str) -> str:
    """How long browsers may keep a file."""
    return f"public, max-age={YEAR}, immutable" if path.startswith(NAMED_BY_CONTENT) else f"public, max-age={DAY}"
