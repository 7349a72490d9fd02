"""What every request passes first, one step after the other."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from recsys.serve.security.bodies import Bodies, Cookies
from recsys.serve.security.sessions import Sessions
from recsys.serve.security.shield import Shield
from recsys.serve.security.strangers import Strangers
from recsys.serve.security.turns import Admission, Instead


class Guard:
    """Middleware around the whole page: Strangers, Bodies, Sessions, Admission and Shield, in this order."""

    def __init__(
        self,
        app: ASGIApp,
        is_signed: Callable[[Cookies], bool] = lambda cookies: True,
        instead: Instead = lambda body: None,
    ):
        """Take the page to guard.

        Args:
            app: the page.
            is_signed: whether cookies have a session that was signed here.
            instead: as Admission has it.
        """
        self.app = Strangers(Bodies(Sessions(Admission(Shield(app), instead)), is_signed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        await self.app(scope, receive, send)
