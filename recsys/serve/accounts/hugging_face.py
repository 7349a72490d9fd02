"""Sign in with Hugging Face: OpenID Connect's authorization code flow, with state, nonce and PKCE.

A Space whose README says `hf_oauth: true` finds in its environment who it is to the provider. The browser is sent there
with a short-lived signed cookie, and comes back with a code that is good for nothing without it. What is kept of the
answer are the person's subject and name; its tokens are not.
"""

import hmac
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from recsys.errors import DataError
from recsys.serve.address import root_path
from recsys.serve.security.cookies import set_cookie

START, BACK = "/account/huggingface", "/account/huggingface/back"
COOKIE = "movie-vae-huggingface"
LASTS = 600  # seconds that somebody may take at Hugging Face
TIMEOUT = 10  # seconds that the provider has for each answer
NEEDED = "authlib"  # a Space has it, since its builder installs gradio[oauth]
SCOPES = "openid profile"
PUBLIC_KEYS = ("RS", "PS", "ES", "Ed")  # how algorithms begin; authlib takes "none" for one if a provider names it

PROBLEMS = {  # code in /?problem=... -> what the page says
    "expired": "Signing in with Hugging Face took more than ten minutes, or began in another browser: begin again.",
    "declined": "You did not let Hugging Face say who you are, so you are not signed in: begin again if you like.",
    "refused": "Hugging Face did not accept this sign-in: begin again; if that does not help, tell who runs this page.",
    "unreachable": "Hugging Face cannot be reached, or answers nonsense: try again later.",
    "untrusted": "The answer of Hugging Face does not prove who you are, so you are not signed in: begin again.",
    "accounts": "The accounts of this page cannot be reached: try again in a moment.",
}
COMMON = ("expired", "declined")  # problems that whoever runs the page need not hear of


@dataclass(frozen=True)
class Provider:
    """Where people sign in, and who this page is there.

    Attributes:
        url: of the provider; its description is at /.well-known/openid-configuration.
        client_id, client_secret: this page's name and password there.
        host: where a Space is reached; None elsewhere.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    host: str | None = None


class SignInError(Exception):
    """Nobody is signed in.

    Attributes:
        code: a key of PROBLEMS.
    """

    def __init__(self, code: str, reason: str):
        super().__init__(f"{code}: {reason}")
        self.code = code


def provider(environment: Mapping[str, str]) -> Provider | None:
    """The provider that an environment names by OPENID_PROVIDER_URL, OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET.

    Returns:
        None unless it names all three, and the libraries that this takes are installed.
    """
    url, name, password, hosts = (
        environment.get(variable, "").strip()
        for variable in ("OPENID_PROVIDER_URL", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "SPACE_HOST")
    )
    if not (url and name and password):
        return None
    if find_spec(NEEDED) is None:
        logging.getLogger(__name__).warning("Nobody can sign in with Hugging Face: install %s.", NEEDED)
        return None
    return Provider(url.rstrip("/"), name, password, hosts.split(",")[0].strip() or None)  # custom domains stand behind


def hugging_face_routes(
    provider: Provider, key: Callable[[], bytes], sign_in: Callable[[str, str, bool], Response]
) -> list[Route]:
    """The two routes: to the provider, and back.

    Args:
        provider: where people sign in.
        key: gives the secret that signs the cookie.
        sign_in: takes subject and name of who has signed in there, and whether this is https, and gives an answer whose
            cookies are passed on, on the way to the page.

    Both functions may block, and may raise DataError if the accounts cannot be used. Whatever goes wrong leads to the
    page with a key of PROBLEMS in its address.
    """
    visit = VisitCookie(key)

    async def start(request: Request) -> Response:
        client = await run_in_threadpool(Client, provider)
        url, pending = await client.begin(back_url(request, provider))
        answer = RedirectResponse(url, 303)
        answer.headers["set-cookie"] = await kept(visit.header, pending, is_https(request))
        return answer

    async def back(request: Request) -> Response:
        pending = await kept(visit.read, request.cookies.get(COOKIE, ""))
        said = request.query_params
        if pending is None or not same(said.get("state", ""), pending["state"]):
            raise SignInError("expired", "no visit has this state")
        client = await run_in_threadpool(Client, provider)
        person = await client.finish(said, pending, back_url(request, provider))
        signed_in = await kept(sign_in, *person, is_https(request))
        answer = RedirectResponse(f"{root_path()}/", 303)
        for header in (*signed_in.headers.getlist("set-cookie"), set_cookie(COOKIE, "", 0, is_https(request), START)):
            answer.headers.append("set-cookie", header)
        return answer

    return [Route(path, explained(answer), methods=["GET"]) for path, answer in ((START, start), (BACK, back))]


def explained(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """An answer that no cache keeps; the page with the reason in its address where nobody is signed in."""

    async def endpoint(request: Request) -> Response:
        try:
            response = await answer(request)
        except SignInError as problem:
            level = logging.INFO if problem.code in COMMON else logging.WARNING
            logging.getLogger(__name__).log(level, "Nobody was signed in with Hugging Face (%s).", problem)
            response = RedirectResponse(f"{root_path()}/?{urlencode({'problem': problem.code})}", 303)
        response.headers["cache-control"] = "no-store"
        return response

    return endpoint


async def kept(function: Callable[..., Any], *arguments: Any) -> Any:
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


class Client:
    """Speaks with the provider about one visit; to make one takes the time of an import."""

    def __init__(self, provider: Provider):
        from authlib.integrations.starlette_client import OAuth

        self._provider = provider
        self._app = OAuth().register(
            "huggingface",
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.url}/.well-known/openid-configuration",
            client_kwargs={
                "scope": SCOPES,
                "code_challenge_method": "S256",
                "timeout": TIMEOUT,
                "verify": certificates(),
            },
        )

    async def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what it has to hold meanwhile: state, nonce and code_verifier.

        Raises:
            SignInError: the provider cannot be reached.
        """
        with otherwise("unreachable"):
            await self._described()
            pending = await self._app.create_authorization_url(back)
            return pending.pop("url"), pending

    async def finish(self, said: Mapping[str, str], pending: Mapping[str, str], back: str) -> tuple[str, str]:
        """Subject and name of who comes back.

        Args:
            said: the query of the address that the browser was sent back to; its state was checked.
            pending: what `begin` gave.
            back: that address, as it was given to `begin`.

        Raises:
            SignInError: nobody signed in, or it is not proved who.
        """
        if "error" in said or not said.get("code"):
            raise SignInError("declined" if said.get("error") == "access_denied" else "refused", "no code came")
        token = await self._token(said["code"], pending["code_verifier"], back)
        claims = await self._claims(token, pending["nonce"])
        return claims["sub"], called(claims) or called(await self._about(token, claims["sub"]))

    async def _token(self, code: str, verifier: str, back: str) -> Any:
        """What the provider gives for a code."""
        from authlib.integrations.starlette_client import OAuthError

        with otherwise("unreachable"):
            await self._described()
            await self._app.fetch_jwk_set()
            try:
                return await self._app.fetch_access_token(redirect_uri=back, code=code, code_verifier=verifier)
            except OAuthError as error:
                raise SignInError("refused", type(error).__name__) from error

    async def _claims(self, token: Any, nonce: str) -> Mapping[str, Any]:
        """What the ID token says, once signature, issuer, audience, time and nonce are checked."""
        issuer, audience = self._provider.url, self._provider.client_id
        wanted = {"iss": issuer, "aud": audience}
        options = {name: {"essential": True, "values": [value]} for name, value in wanted.items()}
        with otherwise("untrusted"):
            claims = await self._app.parse_id_token(token, nonce, claims_options=options)
            if not (isinstance(claims["sub"], str) and claims["sub"]):
                raise ValueError("no subject")
            return claims

    async def _about(self, token: Any, subject: str) -> Mapping[str, Any]:
        """What the provider says about somebody of whom the ID token says no name."""
        with otherwise("unreachable"):
            about = await self._app.userinfo(token=token)
        if about.get("sub") != subject:
            raise SignInError("untrusted", "it is about somebody else")
        return about

    async def _described(self) -> None:
        """Read the provider's description of itself, and take from it no signature that anybody else could make."""
        description = await self._app.load_server_metadata()
        if description.get("issuer") != self._provider.url:
            raise SignInError("untrusted", "it describes another provider")
        said = description.get("id_token_signing_alg_values_supported") or ["RS256"]
        description["id_token_signing_alg_values_supported"] = [one for one in said if one.startswith(PUBLIC_KEYS)]


@cache
def certificates() -> ssl.SSLContext:
    """What the provider's certificate is checked against; to read them takes longer than to ask the provider."""
    import httpx2

    return httpx2.create_ssl_context()


def called(claims: Mapping[str, Any]) -> str:
    """What somebody is called, by preference as a user; "" if nothing is said."""
    names = (claims.get(claim) for claim in ("preferred_username", "name"))
    return next((name for name in names if isinstance(name, str) and name), "")


@contextmanager
def otherwise(code: str) -> Iterator[None]:
    """Turn whatever is raised into a SignInError: who may answer anything can make a library raise anything."""
    try:
        yield
    except SignInError:
        raise
    except Exception as error:
        raise SignInError(code, type(error).__name__) from error
