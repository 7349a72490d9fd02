"""Ask a provider of OpenID Connect who somebody is: authorization code flow, with state, nonce and PKCE."""

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

TIMEOUT = 10  # seconds that the provider has for each answer
NEEDED = "authlib"  # a Space has it, since its builder installs gradio[oauth]
SCOPES = "openid profile"
PUBLIC_KEYS = ("RS", "PS", "ES", "Ed")  # how algorithms begin; authlib takes "none" for one if a provider names it


@dataclass(frozen=True)
class Provider:
    """Where people sign in, and who this page is there.

    Attributes:
        url: of the provider; its description is at /.well-known/openid-configuration.
        client_id: this page's name there.
        client_secret: this page's password there.
        host: where a Space is reached; None elsewhere.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    host: str | None = None


class SignInError(Exception):
    """Nobody is signed in.

    Attributes:
        code: a key of recsys.serve.accounts.hugging_face.PROBLEMS.
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


class Client:
    """Asks the provider about one visit; to make one takes the time of an import."""

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
        with failing_as("unreachable"):
            await self._describe()
            pending = await self._app.create_authorization_url(back)
            return pending.pop("url"), pending

    async def finish(self, query: Mapping[str, str], pending: Mapping[str, str], back: str) -> tuple[str, str]:
        """Subject and name of who comes back.

        Args:
            query: of the address that the browser was sent back to; its state was checked.
            pending: what `begin` gave.
            back: that address, as it was given to `begin`.

        Raises:
            SignInError: nobody signed in, or it is not proved who.
        """
        if "error" in query or not query.get("code"):
            raise SignInError("declined" if query.get("error") == "access_denied" else "refused", "no code came")
        token = await self._token(query["code"], pending["code_verifier"], back)
        claims = await self._claims(token, pending["nonce"])
        return claims["sub"], user_name(claims) or user_name(await self._about(token, claims["sub"]))

    async def _token(self, code: str, verifier: str, back: str) -> Any:
        """What the provider gives for a code."""
        from authlib.integrations.starlette_client import OAuthError

        with failing_as("unreachable"):
            await self._describe()
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
        with failing_as("untrusted"):
            claims = await self._app.parse_id_token(token, nonce, claims_options=options)
            if not (isinstance(claims["sub"], str) and claims["sub"]):
                raise ValueError("no subject")
            return claims

    async def _about(self, token: Any, subject: str) -> Mapping[str, Any]:
        """What the provider says about somebody of whom the ID token says no name."""
        with failing_as("unreachable"):
            about = await self._app.userinfo(token=token)
        if about.get("sub") != subject:
            raise SignInError("untrusted", "it is about somebody else")
        return about

    async def _describe(self) -> None:
        """Read the provider's description of itself, and take from it no signature that anybody else could make."""
        description = await self._app.load_server_metadata()
        if description.get("issuer") != self._provider.url:
            raise SignInError("untrusted", "it describes another provider")
        algorithms = description.get("id_token_signing_alg_values_supported") or ["RS256"]
        public = [name for name in algorithms if name.startswith(PUBLIC_KEYS)]
        description["id_token_signing_alg_values_supported"] = public


@cache
def certificates() -> ssl.SSLContext:
    """What the provider's certificate is checked against; to read them takes longer than to ask the provider."""
    import httpx2

    return httpx2.create_ssl_context()


def user_name(claims: Mapping[str, Any]) -> str:
    """What somebody is called, by preference as a user; "" if nothing is said."""
    names = (claims.get(claim) for claim in ("preferred_username", "name"))
    return next((name for name in names if isinstance(name, str) and name), "")


@contextmanager
def failing_as(code: str) -> Iterator[None]:
    """Turn whatever is raised into a SignInError: who may answer anything can make a library raise anything."""
    try:
        yield
    except SignInError:
        raise
    except Exception as error:
        raise SignInError(code, type(error).__name__) from error
