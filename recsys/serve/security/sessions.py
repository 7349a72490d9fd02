"""Sessions stay with whose they are.

Gradio lets a browser choose its session hash, under which the server keeps state and sends answers. Here a hash belongs
to the browser that used it first.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys.serve.security.bodies import API, BODY
from recsys.serve.security.cookies import owner
from recsys.serve.security.refusals import refused
from recsys.serve.security.visitors import digest

SESSION_IN_PATH = ("heartbeat", "stream", "call")  # a part of these paths names a session, or an event of one
MOST_SESSIONS = 20_000  # that are remembered, a few hundred bytes each
NOT_YOURS = "This page was opened by somebody else, or you signed in or out meanwhile: reload it."


class Sessions:
    """Middleware that lets nobody use the session of another."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._owners: OrderedDict[str, str] = OrderedDict()  # digest of a session hash -> digest of its owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] == "http" and scope["path"].startswith(API):
            try:
                sessions = [*sessions_named(scope, scope.get(BODY, b""))]
            except (ValueError, RecursionError):
                await refused(400, "Got what is not JSON, or a file; expected a JSON object.")(scope, receive, send)
                return
            who = digest(owner(HTTPConnection(scope).cookies))
            if not all(self._is_of(digest(session), who) for session in sessions):
                await refused(403, NOT_YOURS)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_of(self, session: str, who: str) -> bool:
        """Whether a session is somebody's; who comes first has it."""
        first = self._owners.setdefault(session, who)
        self._owners.move_to_end(session)
        while len(self._owners) > MOST_SESSIONS:
            self._owners.popitem(last=False)
        return first == who


def sessions_named(scope: Scope, body: bytes) -> Iterator[str]:
    """Yield the session hashes that a request to Gradio names, wherever in it.

    Raises:
        ValueError: the body is no JSON object, or there is a file in it.
        RecursionError: it is nested too deeply.
    """
    kind, *parts = scope["path"].removeprefix(API).strip("/").split("/")
    if kind in SESSION_IN_PATH and parts and scope["method"] != "POST":
        yield parts[0] if kind != "call" else parts[-1]
    query = parse_qs(scope["query_string"].decode("latin-1"))
    yield from (*query.get("session_hash", ()), *query.get("upload_id", ()))
    if body:
        fields = json.loads(body, object_hook=no_file)
        if not isinstance(fields, dict):
            raise ValueError
        for name in ("session_hash", "event_id"):
            if isinstance(fields.get(name), str):
                yield fields[name]


def no_file(fields: dict[str, Any]) -> dict[str, Any]:
    """An object of JSON, unless Gradio would take it for a file, which it may fetch, and which nothing here takes."""
    if fields.get("_type") == "gradio.FileData":
        raise ValueError
    return fields
