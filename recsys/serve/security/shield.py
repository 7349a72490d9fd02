"""What Gradio fails at, for lack of sense in a request, is refused in a sentence."""

import json
import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.security.bodies import API, BUSY
from recsys.serve.security.refusals import refused

NO_SENSE = "This request made no sense here: see what the page itself, or its API, asks."


class Shield:
    """Middleware around Gradio: answers with status 500 or more, and what is raised, become refusals.

    Handlers of the page fail within an answer of Gradio, and their reasons are in the log.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio answer."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        answer = Answer(send)
        try:
            await self.app(scope, receive, answer.send)
        except Exception as error:
            answer.failed = 500
            log = logging.getLogger(__name__)
            log.warning("A request for %s made no sense (%s).", ascii(scope["path"][:80]), type(error).__name__)
        if answer.failed and answer.started:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif answer.failed == 503:  # the queue is full
            await refused(503, BUSY)(scope, receive, send)
        elif answer.failed:
            await refused(400, sentence_of(answer.body))(scope, receive, send)


class Answer:
    """An answer on its way, of which nothing is passed on once it is a failure.

    Attributes:
        started: whether a part of it was passed on.
        failed: its status if that is 500 or more, else 0.
        body: of a failure.
    """

    def __init__(self, send: Send):
        self.started, self.failed, self.body = False, 0, b""
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass a message on, or keep it back."""
        if message["type"] == "http.response.start" and message["status"] >= 500:
            self.failed = message["status"]
        elif self.failed:
            self.body += message.get("body", b"")
        else:
            self.started = True
            await self._send(message)


def sentence_of(body: bytes) -> str:
    """The reason that Gradio gives, if it gives one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return NO_SENSE
    reason = answer.get("error") if isinstance(answer, dict) else None
    return reason if isinstance(reason, str) and reason else NO_SENSE
