"""Answers that wait to be fetched: so many of one visitor, and not for long if nobody listens.

An event is asked for by one request and answered to another, and Gradio keeps an answer, however large, until somebody
comes for it.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.security.bodies import API, BODY, BUSY
from recsys.serve.security.refusals import refused
from recsys.serve.security.shares import NoRoomError, Room, Shares
from recsys.serve.security.visitors import Visitor

ROOM = Room(300, 150, 24)  # events that are asked for and not yet fetched, of up to MOST_EVENT_BYTES each
SECONDS = 30.0  # that an answer waits for somebody to listen
ASKED, FETCHED = (API + "queue/join", API + "call/"), (API + "queue/data", API + "call/")


@dataclass
class Event:
    """One that was asked for; `at` is when somebody was last known to care."""

    session: str
    visitor: Visitor
    at: float


class Unfetched:
    """Middleware around Gradio that refuses an event of somebody who has too many, and drops what nobody fetches."""

    def __init__(self, app: ASGIApp, page: Any, clock: Callable[[], float] = time.monotonic):
        """Take the page.

        Args:
            app: what Gradio serves.
            page: a gr.Blocks.
            clock: gives seconds.
        """
        self.app, self._page, self._clock = app, page, clock
        self._events: dict[str, Event] = {}
        self._shares, self._listening = Shares(ROOM), Counter[str]()
        self._sweeping: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "POST" and BODY in scope and scope["path"].startswith(ASKED):
            await self._ask(scope, receive, send)
        elif scope["method"] == "GET" and scope["path"].startswith(FETCHED):
            await self._fetch(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = Visitor.of(scope)
        self._forget_fetched()
        try:
            self._shares.take(visitor, 1)
        except NoRoomError:
            await refused(503, BUSY)(scope, receive, send)
            return
        answer = b""

        async def noted(message: Message) -> None:
            nonlocal answer
            answer += message.get("body", b"")
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self._note(visitor, scope[BODY], answer)

    def _note(self, visitor: Visitor, body: bytes, answer: bytes) -> None:
        """Remember the event that an answer names; what names none is none."""
        with suppress(ValueError, KeyError, TypeError):
            event = json.loads(answer)["event_id"]
            session = json.loads(body).get("session_hash")
            self._events[event] = Event(session if isinstance(session, str) else event, visitor, self._clock())
            if self._sweeping is None or self._sweeping.done():
                self._sweeping = asyncio.create_task(self._sweep_now_and_then())
            return
        self._shares.give_back(visitor, 1)

    async def _fetch(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = self._session_of(scope)
        self._listening[session] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._listening[session] -= 1
            if not self._listening[session]:
                del self._listening[session]
            for event in self._events.values():
                if event.session == session:
                    event.at = self._clock()

    def _session_of(self, scope: Scope) -> str:
        """Whose answers a request fetches."""
        if scope["path"].startswith(API + "queue/"):
            query = parse_qs(scope["query_string"].decode("latin-1"))
            return next(iter(query.get("session_hash", ())), "")
        event = scope["path"].rstrip("/").rpartition("/")[2]
        return self._events[event].session if event in self._events else event

    def _forget_fetched(self) -> None:
        """Count no more what was fetched."""
        pending = self._page._queue.pending_event_ids_session
        for event in [event for event, of in self._events.items() if event not in pending.get(of.session, ())]:
            self._shares.give_back(self._events.pop(event).visitor, 1)

    async def _sweep_now_and_then(self) -> None:
        while self._events:
            await asyncio.sleep(SECONDS / 3)
            await self.sweep()

    async def sweep(self) -> None:
        """Drop the answers that nobody has listened for in a while."""
        self._forget_fetched()
        queue, now = self._page._queue, self._clock()
        old = {of.session for of in self._events.values() if now - of.at > SECONDS}
        for session in old - self._listening.keys():
            await queue.clean_events(session_hash=session)
            queue.pending_messages_per_session.pop(session, None)
            queue.pending_event_ids_session.pop(session, None)
        self._forget_fetched()
