"""Answers operators with their page; for everybody else there is no such path."""

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys.errors import DataError
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.engine import Engine
from recsys.serve.security.cookies import SESSION
from recsys.ui.operator.daily import DailyReports

PATH = "/operator"
AT_ONCE, MOST_WAITING, PATIENCE = 2, 20, 10.0  # of those who ask for the path with a cookie of a session
HEADERS = {"cache-control": "no-store"}


class OperatorDoor:
    """Middleware around what answers all other paths, and this one, too, unless an operator asks for it."""

    def __init__(self, app: ASGIApp, shelves: Shelves, engine: Engine, reports: DailyReports):
        """Ask nobody yet.

        Args:
            app: answers everybody else.
            shelves: say who asks, and who is an operator.
            engine: has the model that answers now.
                reports: make what is shown.
        """
        self.app = app
        self._shelves, self._engine, self._reports = shelves, engine, reports
        self._turns = ConcurrencyLimit(AT_ONCE, MOST_WAITING, PATIENCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the page answer."""
        answer = await self._answer(scope) if self._may_be_meant(scope) else None
        await (answer or self.app)(scope, receive, send)

    def _may_be_meant(self, scope: Scope) -> bool:
        """Whether somebody who may be an operator asks for the path."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in ("GET", "HEAD"):
            return False
        return bool(self._shelves.operators) and SESSION in HTTPConnection(scope).cookies

    async def _answer(self, scope: Scope) -> Response | None:
        """The page; None if nobody asks who may see it, or nobody knows."""
        try:
            return await self._turns.take(self._answered, HTTPConnection(scope))
        except DataError:
            return None

    def _answered(self, request: HTTPConnection) -> Response | None:
        person = self._shelves.person(request)
        if person is None or not self._shelves.operators.has(person):
            return None
        from recsys.ui.operator.shown import answering, shown  # which import the store, and that takes a second

        return HTMLResponse(shown(self._reports.today(), answering(self._engine)), headers=HEADERS)
