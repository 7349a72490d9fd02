"""What the forms of the page ask the server: register, sign in and out, change the password, take away, bring, delete.

Bodies are JSON objects (but for a file, which comes as it is), and so are answers: {} if it was done, or {"problem": a
sentence}. Everything is about whoever the cookie says.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from recsys.errors import DataError
from recsys.recommend.film_keys import keys_of
from recsys.serve.accounts.downloads import BusyError, Download, Downloads, Text
from recsys.serve.accounts.members import Members, NotOpenError
from recsys.serve.accounts.shelf import dataset_of, title_of
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.engine import Engine
from recsys.serve.security.bodies import IMPORT, NOBODY
from recsys.serve.security.cookies import SessionCookie, forgotten
from recsys.serve.security.refusals import FOREIGN
from recsys.serve.sentences import without_folders

if TYPE_CHECKING:
    from recsys.store import Person, Store

FILE = "application/octet-stream"
JSON = "application/json"
FROM_ELSEWHERE = "This was asked by another site, so nothing was done: use the page itself."
AT_ONCE, MOST_WAITING = 8, 80  # requests of all people that are answered, and that wait
WRITTEN_AT_ONCE = 2  # files to take away, of all people

Answer = Callable[["Account", Mapping[str, Any]], Response]


class Account:
    """One request: the store, who asks, and from where."""

    def __init__(self, members: Members, cookie: SessionCookie, engine: Engine, request: Request):
        self.members, self.cookie, self.engine = members, cookie, engine
        self.downloads: Downloads = members.downloads
        self.store: Store = members.store
        self.token = cookie.token(request.cookies)
        self.address = request.client.host if request.client else "nowhere"
        self.is_https = request.url.scheme == "https"

    def person(self) -> "Person":
        """Who is signed in; DataError if nobody is."""
        from recsys.store import SignedOutError

        if self.token is None:
            raise DataError(NOBODY)
        person = self.store.person_of(self.token)
        if person is None:
            raise SignedOutError
        return person

    def welcome(self, token: str) -> Response:
        """An answer that keeps somebody signed in."""
        seconds = int(self.store.session_lasts.total_seconds())
        return JSONResponse({}, headers={"set-cookie": self.cookie.header(token, seconds, self.is_https)})

    def farewell(self) -> Response:
        """An answer that removes the cookie."""
        return JSONResponse({}, headers={"set-cookie": forgotten(self.is_https)})


def account_routes(members: Members, cookie: SessionCookie, engine: Engine) -> list[Route]:
    """All routes under /account/."""
    turns, to_write = ConcurrencyLimit(AT_ONCE, MOST_WAITING), ConcurrencyLimit(WRITTEN_AT_ONCE, MOST_WAITING)

    def route(name: str, answer: Answer) -> Route:
        async def endpoint(request: Request) -> Response:
            if request.scope.get(FOREIGN):
                return problem(403, FROM_ELSEWHERE)
            if request.method == "POST" and content_type(request) != JSON:
                return problem(415, f"Got {content_type(request)[:40]!r}; expected {JSON}.")
            try:
                said = read_object(await request.body()) if request.method == "POST" else {}
            except ValueError:
                return problem(400, "Got what is not a JSON object; expected one, such as {}.")
            try:
                own = to_write if answer in (export_json, export_csv) else turns
                return await own.take(answered, answer, members, cookie, engine, request, said)
            except DataError as reason:
                return problem(503, str(reason))

        return Route(f"/account/{name}", endpoint, methods=["GET" if "." in name else "POST"])

    async def bring(request: Request) -> Response:
        if request.scope.get(FOREIGN):
            return problem(403, FROM_ELSEWHERE)
        if content_type(request) != FILE:
            return problem(415, f"Got {content_type(request)[:40]!r}; expected {FILE}.")
        said = {**request.query_params, "file": await request.body()}
        return await run_in_threadpool(answered, import_file, members, cookie, engine, request, said)

    return [*(route(name, answer) for name, answer in ANSWERS.items()), Route(IMPORT, bring, methods=["POST"])]


def answered(
    answer: Answer,
    members: Members,
    cookie: SessionCookie,
    engine: Engine,
    request: Request,
    said: Mapping[str, Any],
) -> Response:
    """The answer, or in one sentence why there is none."""
    try:
        return answer(Account(members, cookie, engine, request), said)
    except DataError as reason:
        return problem(status_of(reason), without_folders(str(reason)))
    except Exception:
        logging.getLogger(__name__).exception("a request about an account could not be answered")
        return problem(500, "something went wrong on the server, and nothing was changed: see its log")


def status_of(reason: DataError) -> int:
    """The status that fits a reason."""
    from recsys.store import SignedOutError, TooManyAttemptsError, UnavailableError

    statuses: dict[type[DataError], int] = {
        SignedOutError: 401,
        TooManyAttemptsError: 429,
        BusyError: 429,
        UnavailableError: 503,
        NotOpenError: 503,
    }
    return next((status for kind, status in statuses.items() if isinstance(reason, kind)), 400)


def problem(status: int, sentence: str) -> Response:
    """An answer that says why not, as a sentence."""
    return JSONResponse({"problem": sentence[:1].upper() + sentence[1:]}, status)


def content_type(request: Request) -> str:
    """What a body is said to be."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; ValueError if it is none."""
    try:
        said = json.loads(body)
    except RecursionError:
        raise ValueError from None
    if not isinstance(said, dict):
        raise ValueError
    return said


def register(account: Account, said: Mapping[str, Any]) -> Response:
    """Make an account from name and password."""
    name, password = said.get("name"), said.get("password")  # the store refuses what is no text
    return account.welcome(account.store.register(name, password, account.address))  # type: ignore[arg-type]


def sign_in(account: Account, said: Mapping[str, Any]) -> Response:
    """Sign in by name and password."""
    name, password = said.get("name"), said.get("password")
    return account.welcome(account.store.sign_in(name, password, account.address))  # type: ignore[arg-type]


def sign_out(account: Account, said: Mapping[str, Any]) -> Response:
    """End this session."""
    account.store.sign_out(account.token)
    return account.farewell()


def sign_out_everywhere(account: Account, said: Mapping[str, Any]) -> Response:
    """End all sessions of this person."""
    account.store.sign_out_everywhere(account.person())
    return account.farewell()


def change_password(account: Account, said: Mapping[str, Any]) -> Response:
    """Change the password, which is asked for again."""
    password, new = said.get("password"), said.get("new_password")
    account.store.change_password(account.person(), password, new)  # type: ignore[arg-type]
    return JSONResponse({})


def delete_account(account: Account, said: Mapping[str, Any]) -> Response:
    """Delete the account and all that belongs to it; the password is asked for again."""
    account.store.delete_account(account.person(), said.get("password"))  # type: ignore[arg-type]
    return account.farewell()


def export_json(account: Account, said: Mapping[str, Any]) -> Response:
    """All that is kept about the person, as a file."""
    person = account.person()

    def write(text: Text) -> None:
        account.store.write_export(person, text.write)

    return Download(write, account.downloads.begin(person.id), JSON, "movie-vae.json")


def export_csv(account: Account, said: Mapping[str, Any]) -> Response:
    """The person's ratings and marks, as a file."""
    from recsys.rating_files import rating_writer

    person, model = account.person(), account.engine.recommender

    def write(text: Text) -> None:
        text.write("\ufeff")  # Excel needs the mark
        account.store.write_film_rows(person, rating_writer(text, lambda *film: title_of(model, *film)))

    return Download(write, account.downloads.begin(person.id), "text/csv; charset=utf-8", "movie-vae-ratings.csv")


one_file_at_a_time = threading.Lock()  # a large one takes seconds


def import_file(account: Account, said: Mapping[str, Any]) -> Response:
    """Take over ratings and marks from a file; the first undo takes them back.

    A table that is not known is asked about, and sent again with what its columns are. Only a preview is given, and
    nothing kept, if that is asked for.
    """
    from recsys.rating_files import UnclearTableError, read_rating_file
    from recsys.serve.accounts import brought

    person, model = account.person(), account.engine.ready()
    dataset, choice = dataset_of(model), brought.choice_in(said)
    if not one_file_at_a_time.acquire(blocking=False):  # to wait would keep a thread from others
        raise DataError("Another file is being read at this moment: try again.")
    try:
        file = read_rating_file(said["file"], model, dataset, choice=choice, name=said.get("file_name", ""))
    except UnclearTableError as unclear:
        return JSONResponse({"question": brought.asked(unclear.question)})
    finally:
        one_file_at_a_time.release()
    keys = keys_of(model)
    told = brought.told(file, lambda item: title_of(model, dataset, keys.key_of(item)))
    if said.get("preview"):
        return JSONResponse({"preview": told})
    stars, marks, when = keys.stored(file.stars), keys.stored(file.marks), keys.stored(file.when)
    n_new, n_marked = account.store.set_many(person, dataset, stars, marks, when=when)
    return JSONResponse(told | {"new": n_new, "marked": n_marked})


ANSWERS: dict[str, Answer] = {
    "register": register,
    "sign-in": sign_in,
    "sign-out": sign_out,
    "sign-out-everywhere": sign_out_everywhere,
    "change-password": change_password,
    "delete": delete_account,
    "export.json": export_json,
    "ratings.csv": export_csv,
}
