"""What every answer tells browsers: what the page may load and who may show it in a frame."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.address import SPACE_VARIABLE

FRAMED_BY = "https://huggingface.co https://*.huggingface.co https://*.hf.space"  # of a Space
POLICY = {  # inline scripts and eval are how Gradio hands over its configuration and runs the page's own handlers
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
HTTPS_SECONDS = 365 * 24 * 3600  # in which a browser that came by https comes by nothing else


class SecurityHeaders:
    """Middleware that adds them to every answer."""

    def __init__(self, app: ASGIApp, environment: Mapping[str, str]):
        self.app = app
        is_space = bool(environment.get(SPACE_VARIABLE))
        self._headers = {
            "content-security-policy": policy(is_space),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
        }
        if not is_space:  # the older header knows of no list
            self._headers["x-frame-options"] = "SAMEORIGIN"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with these headers."""

        async def also(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", f"max-age={HTTPS_SECONDS}")
            await send(message)

        await self.app(scope, receive, also if scope["type"] == "http" else send)


def policy(is_space: bool) -> str:
    """The Content-Security-Policy; on a Space the page is a frame of Hugging Face's."""
    chosen = POLICY | ({"frame-ancestors": FRAMED_BY} if is_space else {})
    return "; ".join(f"{what} {where}" for what, where in chosen.items())
