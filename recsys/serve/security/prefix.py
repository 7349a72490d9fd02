"""A page under a path of another site: what the path before its own addresses is taken for."""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Middleware that takes the path off where a proxy leaves it on, so that both kinds of proxies are alike."""

    def __init__(self, app: ASGIApp, root: str):
        """Take the path.

        Args:
            app: the page.
            root: such as /films; "" for none.
        """
        self.app, self._root = app, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as if the page were by itself."""
        path = scope.get("path", "")
        if self._root and path == self._root:  # links on the page are seen from its folder
            await RedirectResponse(f"{self._root}/", 308)(scope, receive, send)
            return
        if self._root and path.startswith(f"{self._root}/"):
            raw = scope.get("raw_path") or path.encode()
            scope = {**scope, "path": path[len(self._root) :], "raw_path": raw.removeprefix(self._root.encode())}
        await self.app(scope, receive, send)
