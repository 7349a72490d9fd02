"""The routes of the accounts without a page around them: types of bodies, errors, turns, and who hears of them."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request

from recsys.errors import DataError, UnknownError
from recsys.serve.accounts import forms, routes
from recsys.serve.accounts.downloads import BusyError, Downloads
from recsys.serve.accounts.members import NotOpenError
from recsys.serve.accounts.routes import FILE, FROM_ELSEWHERE, NO_OBJECT, OWN_FAULT, account_router
from recsys.serve.api import errors as rest_errors
from recsys.serve.concurrency import TOO_MANY, TooManyError
from recsys.serve.engine import NotReadyError
from recsys.serve.evenings.evenings import Evenings
from recsys.serve.security.refusals import FOREIGN
from recsys.store import (
    Consent,
    OutcomeUnknownError,
    SignedOutError,
    StoreError,
    TooManyAttemptsError,
    UnavailableError,
)
from tests.support.pages.account_routes import FILES, account_paths

FORMS = [path for path in account_paths() if "." not in path and not path.endswith(FILES)]
DOWNLOADS = [path for path in account_paths() if "." in path]


class Store:
    """A store that does nothing but note, or what it is told to; it is its own parts."""

    def __init__(self, does=lambda *given: None):
        self.calls, self._does = [], does
        self.accounts = self.exports = self.ratings = self.consents = self

    def __getattr__(self, name):
        def call(*given):
            self.calls.append((name, *given))
            return self._does(*given)

        return call


def app_of(store, token="token", foreign=False):
    """Nothing but the routes."""
    members = SimpleNamespace(store=store, downloads=Downloads())
    app = FastAPI()
    cookie, engine = SimpleNamespace(token=lambda cookies: token), SimpleNamespace()
    app.include_router(account_router(members, cookie, engine, Evenings()))
    if not foreign:
        return app

    async def from_elsewhere(scope, receive, send):
        await app({**scope, FOREIGN: True} if scope["type"] == "http" else scope, receive, send)

    return from_elsewhere


@pytest.mark.parametrize("value", [None, 7, True, [], {"a": [1]}, "Ann", "\ud800"])
def test_the_store_is_given_what_a_form_says_whatever_its_type(value):
    for given in ({"name": value, "password": value}, {"name": value, "password": value, "person_id": 1}):
        store = Store()
        forms.change_password(
            SimpleNamespace(store=store, person=lambda: "Ann"), forms.NewPasswordForm(**given, new_password=value)
        )
        assert store.calls == [("change_password", "Ann", value, value)]


def test_what_a_form_leaves_out_is_nothing():
    store = Store(lambda *given: SimpleNamespace())
    account = SimpleNamespace(store=store, address="nowhere", signed_in=lambda token: token)
    forms.register(account, forms.RegistrationForm())
    assert store.calls == [("register", None, None, "nowhere", None)]


@pytest.mark.parametrize("value", ["yes", "no"])
def test_an_answer_is_kept_and_said_again(value):
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    store = Store(lambda *given: Consent(value == "yes", at))
    answer = TestClient(app_of(store)).post("/account/consent", json={"consent": value, "name": "Ben", "person_id": 7})
    assert answer.json() == {"consent": value, "at": "2026-03-01T12:00:00+00:00"}
    assert [name for name, *_ in store.calls] == ["person_of", "answer"]
    assert store.calls[1] == ("answer", Consent(value == "yes", at), value)  # whom the cookie names


@pytest.mark.parametrize("value", ["yes", None, 7, [], {"a": 1}])
def test_an_answer_goes_with_the_name_to_whoever_keeps_accounts(value):
    store = Store(lambda *given: SimpleNamespace())
    account = SimpleNamespace(store=store, address="nowhere", signed_in=lambda token: token)
    forms.register(account, forms.RegistrationForm(name="Ann", password="x", consent=value))
    assert store.calls == [("register", "Ann", "x", "nowhere", value)]


@pytest.mark.parametrize("path", FORMS)
def test_what_is_no_object_is_refused_before_anybody_is_asked(path):
    store = Store()
    client = TestClient(app_of(store), headers={"content-type": "application/json"})
    for body in (b"", b"null", b"[]", b"{", b'"x"', b"\xff", b"[" * 9000, b"1" * 5000):
        answer = client.post(path, content=body)
        assert (answer.status_code, answer.json(), store.calls) == (400, {"problem": NO_OBJECT}, [])


@pytest.mark.parametrize("path", [path for path in account_paths() if "." not in path])
def test_a_route_takes_one_type_of_body(path):
    expected, other = ("application/json", FILE)[:: -1 if path.endswith(FILES) else 1]
    store = Store()
    client = TestClient(app_of(store))
    for kind, sent in ((other, other), ("", ""), (f" {other.upper()} ; charset=utf-8", other)):
        answer = client.post(path, content=b"{}", headers={"content-type": kind})
        assert (answer.status_code, store.calls) == (415, [])
        assert answer.json() == {"problem": f"Got {sent!r}; expected {expected}."}


@pytest.mark.parametrize("path", account_paths())
def test_another_sites_page_is_answered_before_its_body_is_looked_at(path):
    store = Store()
    method = "GET" if path in DOWNLOADS else "POST"
    answer = TestClient(app_of(store, foreign=True)).request(method, path, content=b"{")
    assert (answer.status_code, answer.json(), store.calls) == (403, {"problem": FROM_ELSEWHERE}, [])


def test_no_document_knows_of_accounts():
    document = app_of(Store()).openapi()
    assert document["paths"] == {}
    assert "components" not in document


def test_a_fault_of_ours_is_logged_and_tells_nothing(caplog):
    def fail(*given):
        raise KeyError("/home/ann/secret")

    answer = TestClient(app_of(Store(fail))).post("/account/sign-out", json={})
    assert (answer.status_code, answer.json()) == (500, {"problem": OWN_FAULT})
    assert "/home/ann/secret" in caplog.text


@pytest.mark.parametrize("path", FORMS)
def test_forms_wait_for_their_turn_off_the_event_loop_and_those_without_one_are_told_so(path, monkeypatch):
    monkeypatch.setattr(routes, "AT_ONCE", 1)
    monkeypatch.setattr(routes, "MOST_WAITING", 1)
    go_on, begun = threading.Event(), threading.Event()

    def wait(*given):
        begun.set()
        assert go_on.wait(20)
        raise StoreError("enough")

    async def ask_three_times():
        transport = httpx.ASGITransport(app_of(Store(wait)))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            asked = [asyncio.create_task(client.post(path, json={})) for _ in range(2)]
            await asyncio.to_thread(begun.wait, 20)
            third = await client.post(path, json={})  # is answered while the first is worked at
            go_on.set()
            return third, await asyncio.gather(*asked)

    third, others = asyncio.run(ask_three_times())
    assert (third.status_code, third.json()) == (503, {"problem": TOO_MANY})
    assert [(answer.status_code, answer.json()) for answer in others] == [(400, {"problem": "Enough"})] * 2


# ---- one rule for all routes

REASONS = [  # reason, its status for a form, and for a program
    (DataError("no"), 400, 422),
    (StoreError("no"), 400, 422),
    (UnknownError("no"), 400, 404),
    (NotReadyError("no"), 400, 503),
    (TooManyError("no"), 503, 503),
    (NotOpenError("no"), 503, None),
    (BusyError("no"), 429, None),
    (SignedOutError(), 401, None),
    (TooManyAttemptsError(timedelta(minutes=1)), 429, None),
    (UnavailableError("db", "no", "do this"), 503, None),
    (OutcomeUnknownError("db", "no", "do this"), 503, None),
    (ValueError("no"), 500, 500),
]


def answered(refuse, reason):
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    return asyncio.run(refuse(request, reason))


@pytest.mark.parametrize(("reason", "form", "program"), REASONS, ids=lambda each: type(each).__name__)
def test_every_kind_of_error_has_a_status_of_its_own(reason, form, program):
    assert answered(routes.refuse, reason).status_code == form
    if program is not None:  # the others cannot come from a route that knows no accounts
        assert answered(rest_errors.refuse, reason).status_code == program


@pytest.mark.parametrize("refuse", [routes.refuse, rest_errors.refuse])
def test_a_sentence_names_no_folder_and_can_be_written(refuse):
    body = answered(refuse, DataError("got \ud800 in /home/ann/films.csv")).body.decode()
    assert "\\\\ud800 in films.csv" in body
    assert answered(refuse, RuntimeError("/home/ann")).body.decode().count("/home") == 0
