"""Sign in with Hugging Face: OpenID Connect's authorization code flow, with state, nonce and PKCE.

A Space whose README says `hf_oauth: true` finds in its environment who it is to the provider. The browser is sent there
with a short-lived signed cookie, and comes back with a code that is good for nothing without it. What is stored of
the answer are the person's subject and name; its tokens are not.
"""

import hmac
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from recsys.errors import DataError
from recsys.serve.accounts.openid import Client, Provider, SignInError
from recsys.serve.address import root_path
from recsys.serve.security.cookies import set_cookie

START, BACK = "/account/huggingface", "/account/huggingface/back"
COOKIE = "movie-vae-huggingface"
LASTS = 600  # seconds that somebody may take at Hugging Face
METHODS = ["GET", "HEAD"]

PROBLEMS = {  # code in /?problem=... -> what the page says
    "expired": "Signing in with Hugging Face took more than ten minutes, or began in another browser: begin again.",
    "declined": "You did not let Hugging Face say who you are, so you are not signed in: begin again if you like.",
    "refused": "Hugging Face did not accept this sign-in: begin again; if that does not help, tell who runs this page.",
    "unreachable": "Hugging Face cannot be reached, or answers nonsense: try again later.",
    "untrusted": "The answer of Hugging Face does not prove who you are, so you are not signed in: begin again.",
    "accounts": "The accounts of this page cannot be reached: try again in a moment.",
}
COMMON = ("expired", "declined")  # problems that whoever runs the page need not hear of


def hugging_face_router(
    provider: Provider, key: Callable[[], bytes], sign_in: Callable[[str, str, Request], Response]
) -> APIRouter:
    """The two routes: to the provider, and back.

    Both functions may block, and may raise DataError if the accounts cannot be used. Whatever goes wrong leads to the
    page with a key of PROBLEMS in its address.

    Args:
        provider: where people sign in.
        key: gives the secret that signs the cookie.
        sign_in: takes subject and name of who has signed in there, and the request with which they come back, and gives
            an answer whose cookies are passed on, on the way to the page.
    """
    router = APIRouter(route_class=SignInRoute, include_in_schema=False)
    visits = Visits(provider, key, sign_in)
    router.add_api_route(START, visits.start, methods=METHODS)
    router.add_api_route(BACK, visits.back, methods=METHODS)
    return router


class SignInRoute(APIRoute):
    """A route whose answers no cache keeps; the page with the reason in its address where nobody is signed in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function that answers a request."""
        answer = super().get_route_handler()

        async def answer_or_explain(request: Request) -> Response:
            try:
                response = await answer(request)
            except SignInError as problem:
                response = explained(problem)
            response.headers["cache-control"] = "no-store"
            return response

        return answer_or_explain


def explained(problem: SignInError) -> Response:
    """The page, with the reason in its address."""
    level = logging.INFO if problem.code in COMMON else logging.WARNING
    logging.getLogger(__name__).log(level, "Nobody was signed in with Hugging Face (%s).", problem)
    return RedirectResponse(f"{root_path()}/?{urlencode({'problem': problem.code})}", 303)


class Visits:
    """Sends browsers to the provider, and signs in who comes back."""

    def __init__(self, provider: Provider, key: Callable[[], bytes], sign_in: Callable[[str, str, Request], Response]):
        """As hugging_face_router."""
        self._provider, self._cookie, self._sign_in = provider, VisitCookie(key), sign_in

    async def start(self, request: Request) -> Response:
        """Send a browser to the provider, with a cookie."""
        client = await run_in_threadpool(Client, self._provider)
        url, pending = await client.begin(back_url(request, self._provider))
        answer = RedirectResponse(url, 303)
        answer.headers["set-cookie"] = await in_thread(self._cookie.header, pending, is_https(request))
        return answer

    async def back(self, request: Request) -> Response:
        """Sign in who comes back with the cookie and a code."""
        pending = await in_thread(self._cookie.read, request.cookies.get(COOKIE, ""))
        query = request.query_params
        if pending is None or not same(query.get("state", ""), pending["state"]):
            raise SignInError("expired", "no visit has this state")
        client = await run_in_threadpool(Client, self._provider)
        person = await client.finish(query, pending, back_url(request, self._provider))
        signed_in = await in_thread(self._sign_in, *person, request)
        answer = RedirectResponse(f"{root_path()}/", 303)
        for header in (*signed_in.headers.getlist("set-cookie"), set_cookie(COOKIE, "", 0, is_https(request), START)):
            answer.headers.append("set-cookie", header)
        return answer


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of the accounts gives, which may take its time."""
    try:
        return await run_in_threadpool(function, *arguments)
    except DataError as reason:
        raise SignInError("accounts", type(reason).__name__) from reason


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def is_https(request: Request) -> bool:
    """Whether the browser asks by https."""
    return request.url.scheme == "https"


def back_url(request: Request, provider: Provider) -> str:
    """Where the provider sends the browser back to; it must be the same in all steps."""
    if provider.host:
        return f"https://{provider.host}{BACK}"
    return str(request.url.replace(path=root_path() + BACK, query="", fragment=""))


class VisitCookie:
    """What the browser holds while somebody is at the provider: state, nonce and PKCE's verifier, signed."""

    def __init__(self, key: Callable[[], bytes]):
        self._key = key

    def header(self, pending: Mapping[str, str], https: bool) -> str:
        """A Set-Cookie header that keeps it for LASTS seconds."""
        return set_cookie(COOKIE, str(self._serializer().dumps(pending)), LASTS, https, START)

    def read(self, value: str) -> dict[str, str] | None:
        """What was signed here no longer than LASTS seconds ago; None if there is no such thing."""
        from itsdangerous import BadData

        try:
            return self._serializer().loads(value, max_age=LASTS) if value else None
        except BadData:
            return None

    def _serializer(self) -> Any:
        from itsdangerous import URLSafeTimedSerializer

        return URLSafeTimedSerializer(self._key(), salt="sign in with hugging face")
