"""The routes of the accounts: register, sign in and out, consent, change the password, delete, take away, import.

Bodies are JSON objects (but for a file, which comes as it is), and so are answers: {} if it was done, or {"problem": a
sentence}. Everything is about whoever the cookie says. No document of the API knows of these routes.
"""

import logging
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from recsys.errors import DataError
from recsys.serve.accounts import files, forms
from recsys.serve.accounts.downloads import BusyError
from recsys.serve.accounts.members import Members, NotOpenError
from recsys.serve.accounts.request import AccountRequest
from recsys.serve.concurrency import ConcurrencyLimit, TooManyError
from recsys.serve.engine import Engine
from recsys.serve.error_answers import ErrorAnswers, Statuses
from recsys.serve.evenings.evenings import Evenings
from recsys.serve.security.bodies import IMPORT, READ
from recsys.serve.security.cookies import SessionCookie
from recsys.serve.security.refusals import FOREIGN

PREFIX = "/account"
FILE = "application/octet-stream"
FROM_ELSEWHERE = "This was asked by another site, so nothing was done: use the page itself."
NO_OBJECT = "Got what is not a JSON object; expected one, such as {}."
OWN_FAULT = "Something went wrong on the server, and nothing was changed: see its log"
AT_ONCE, MOST_WAITING = 8, 80  # requests of all people that are answered, and that wait
WRITTEN_AT_ONCE = 2  # files to take away, of all people


class ForeignError(DataError):
    """Another site's page asks."""


class ContentTypeError(DataError):
    """A body is of another type than the one that a route takes."""


def statuses() -> Statuses:
    """The status of each kind of error that has its own."""
    from recsys.store import SignedOutError, TooManyAttemptsError, UnavailableError

    return {
        SignedOutError: 401,
        ForeignError: 403,
        ContentTypeError: 415,
        TooManyAttemptsError: 429,
        BusyError: 429,
        TooManyError: 503,
        UnavailableError: 503,
        NotOpenError: 503,
    }


def of_framework(request: Request, reason: Exception) -> tuple[int, str] | None:
    """What is said of a body that cannot be read; None for anything else."""
    return (400, NO_OBJECT) if isinstance(reason, RequestValidationError | HTTPException) else None


refuse = ErrorAnswers(
    statuses=statuses,
    otherwise=400,
    of_framework=of_framework,
    body=lambda sentence: {"problem": sentence[:1].upper() + sentence[1:]},
    own_fault=OWN_FAULT,
)


class AccountRoute(APIRoute):
    """A route that refuses, before it reads a body, what the page itself never sends, and answers what is raised."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function that answers a request."""
        answer = super().get_route_handler()
        expected = self.body_field.field_info.media_type if self.body_field else None  # type: ignore[attr-defined]

        async def answer_or_refuse(request: Request) -> Response:
            try:
                require_own_page(request)
                require_content_type(request, expected)
                return await answer(request)
            except Exception as reason:
                refusal = await refuse(request, reason)
                if refusal.status_code == 500:
                    logging.getLogger(__name__).exception("a request about an account could not be answered")
                return refusal

        return answer_or_refuse


def require_own_page(request: Request) -> None:
    """Raise ForeignError if another site's page asks."""
    if request.scope.get(FOREIGN):
        raise ForeignError(FROM_ELSEWHERE)


def require_content_type(request: Request, expected: str | None) -> None:
    """Raise ContentTypeError unless a body is said to be of a type; None: there is none."""
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if expected is not None and found != expected:
        raise ContentTypeError(f"Got {found[:40]!r}; expected {expected}.")


def account_router(members: Members, cookie: SessionCookie, engine: Engine, evenings: Evenings) -> APIRouter:
    """All routes under /account/ but those to other sites and back.

    Args:
        members: has the store.
        cookie: says whose session it is.
        engine: has the model, which knows the films of a file.
        evenings: that people take part in who sign in or out.
    """
    router = APIRouter(prefix=PREFIX, route_class=AccountRoute, include_in_schema=False)

    async def account_of(request: Request) -> AccountRequest:
        return AccountRequest(members, cookie, engine, evenings, request)

    asks = Depends(account_of)
    add_forms(router, asks)
    add_downloads(router, asks)
    add_import(router, asks)
    return router


def add_forms(router: APIRouter, asks: Any) -> None:
    """Add the routes of the forms, which have turns in common.

    Args:
        router: gets the routes.
        asks: the dependency that says who asks; likewise below.
    """
    turns = ConcurrencyLimit(AT_ONCE, MOST_WAITING)

    @router.post("/register")
    async def register(form: forms.RegistrationForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.register, account, form)

    @router.post("/sign-in")
    async def sign_in(form: forms.CredentialsForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.sign_in, account, form)

    @router.post("/sign-out")
    async def sign_out(form: forms.EmptyForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.sign_out, account, form)

    @router.post("/sign-out-everywhere")
    async def sign_out_everywhere(form: forms.EmptyForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.sign_out_everywhere, account, form)

    @router.post("/consent")
    async def answer_consent(form: forms.ConsentForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.answer_consent, account, form)

    @router.post("/change-password")
    async def change_password(form: forms.NewPasswordForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.change_password, account, form)

    @router.post("/delete")
    async def delete_account(form: forms.PasswordForm, account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(forms.delete_account, account, form)


def add_downloads(router: APIRouter, asks: Any) -> None:
    """Add the routes of files to take away, which have turns in common."""
    turns = ConcurrencyLimit(WRITTEN_AT_ONCE, MOST_WAITING)

    @router.api_route("/export.json", methods=["GET", "HEAD"])
    async def export_json(account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(files.export_json, account)

    @router.api_route("/ratings.csv", methods=["GET", "HEAD"])
    async def export_csv(account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(files.export_csv, account)

    @router.api_route("/letterboxd.csv", methods=["GET", "HEAD"])
    async def export_for_letterboxd(account: Annotated[AccountRequest, asks]) -> Response:
        return await turns.take(files.export_for_letterboxd, account)


def add_import(router: APIRouter, asks: Any) -> None:
    """Add the routes of a file to import, and of one that a guest sends; of either one is read at a time."""

    @router.post(IMPORT.removeprefix(PREFIX))
    async def import_file(
        query: Annotated[forms.ImportQuery, Query()],
        account: Annotated[AccountRequest, asks],
        content: Annotated[bytes, Body(media_type=FILE)] = b"",
    ) -> Response:
        return await run_in_threadpool(files.import_file, account, query, content)

    @router.post(READ.removeprefix(PREFIX))
    async def read_file(
        query: Annotated[forms.ImportQuery, Query()],
        account: Annotated[AccountRequest, asks],
        content: Annotated[bytes, Body(media_type=FILE)] = b"",
    ) -> Response:
        return await run_in_threadpool(files.read_file, account, query, content)
