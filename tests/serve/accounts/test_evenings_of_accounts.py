"""What becomes of a seat in an evening when its browser registers, signs in or signs out, by the routes themselves."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from recsys.serve.accounts.downloads import Downloads
from recsys.serve.accounts.routes import account_router
from recsys.serve.evenings.evening import Taste
from recsys.serve.evenings.evenings import Evenings
from recsys.serve.security.cookies import SESSION, VISITOR, SessionCookie
from recsys.serve.security.visitors import Visitor
from recsys.store import open_store
from tests.support.store_places import CHEAP

PASSWORD = "four random words"
TASTE = Taste.of({"Film 8 (1968)": 4.0})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("evenings") / "people.sqlite3", config=CHEAP) as opened:
        yield opened


class Page:
    """The routes of accounts, and evenings."""

    def __init__(self, store):
        self.evenings, cookie = Evenings(), SessionCookie(lambda: b"key")
        members = SimpleNamespace(store=store, downloads=Downloads())
        self.app = FastAPI()
        self.app.include_router(account_router(members, cookie, SimpleNamespace(recommender=None), self.evenings))

    def browser(self, name):
        return TestClient(self.app, cookies={VISITOR: name})

    def names(self, browser):
        """Who sits in the evening of a browser; None: it sits in none."""
        evening = self.evenings.of(visitor(browser))
        return evening and [seat.name for seat in evening.seats]


@pytest.fixture
def page(store):
    return Page(store)


def visitor(browser):
    return Visitor.by(dict(browser.cookies.items()), "testclient")


def asked(browser, route, **form):
    answer = browser.post(f"/account/{route}", json=form)
    assert (answer.status_code, answer.json()) == (200, {})
    return browser


@pytest.fixture
def ann(page):
    """A guest who has begun an evening, in which another sits, and voted."""
    browser = page.browser("Ann")
    code = page.evenings.start(visitor(browser), "Ann", TASTE).code
    page.evenings.join(visitor(page.browser("Ben")), code, "Ben", TASTE)
    page.evenings.vote(visitor(browser), "Film 8 (1968)", True)
    return browser


def test_who_registers_signs_out_and_in_again(page, ann):
    guest = visitor(ann)
    asked(ann, "register", name="Annika", password=PASSWORD)
    assert visitor(ann) != guest
    assert page.names(ann) == ["Ann", "Ben"]
    assert page.evenings.of(visitor(ann)).votes == {"Film 8 (1968)": {1: True}}
    assert page.evenings.of(guest) is None
    code = page.evenings.of(visitor(ann)).code
    asked(ann, "sign-out")
    assert SESSION not in ann.cookies
    assert visitor(ann) == guest
    assert page.names(ann) is None
    assert page.names(page.browser("Ben")) == ["Ben"]
    assert page.evenings.has_signed_out(guest)
    page.evenings.join(guest, code, "Ann", TASTE)  # no ghost has the name
    asked(ann, "sign-in", name="Annika", password=PASSWORD)
    assert page.names(ann) == ["Ben", "Ann"]


@pytest.mark.parametrize("way", ["sign-out", "sign-out-everywhere", "delete"])
def test_whoever_ends_a_session_has_left(page, ann, way):
    name = f"Ann of {way}"
    asked(ann, "register", name=name, password=PASSWORD)
    asked(ann, way, password=PASSWORD)
    assert page.names(ann) is None
    assert page.names(page.browser("Ben")) == ["Ben"]


def test_who_fails_to_sign_in_stays_where_they_are(page, ann):
    answer = ann.post("/account/sign-in", json={"name": "Nobody of that name", "password": PASSWORD})
    assert answer.status_code == 400
    assert page.names(ann) == ["Ann", "Ben"]


def test_nobody_takes_the_seat_of_another_by_signing_in(page, ann):
    asked(page.browser("Eve"), "register", name="Eve of seats", password=PASSWORD)
    for cookie in (
        "a=b",
        f"{VISITOR}=Eve",
        f"{SESSION}=Ann",
        f"{VISITOR}={visitor(ann).who}",
        f"{SESSION}={VISITOR}=Ann",
    ):
        eve, headers = TestClient(page.app), {"cookie": cookie}
        form = {"name": "Eve of seats", "password": PASSWORD}
        assert eve.post("/account/sign-in", json=form, headers=headers).status_code == 200
        assert SESSION in eve.cookies
        assert page.names(eve) is None
        assert page.names(ann) == ["Ann", "Ben"]
        asked(eve, "sign-out")
    assert page.names(ann) == ["Ann", "Ben"]


def test_another_browser_of_the_same_account_takes_no_seat_and_ends_none(page, ann):
    asked(ann, "register", name="Ann of two", password=PASSWORD)
    other = asked(page.browser("Ann's phone"), "sign-in", name="Ann of two", password=PASSWORD)
    assert page.names(other) is None
    asked(other, "sign-out")
    assert page.names(ann) == ["Ann", "Ben"]
