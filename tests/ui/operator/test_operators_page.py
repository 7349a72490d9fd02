"""The operator's page: operators see it, and to everybody else there is no such path."""

import re
import shutil
import threading
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from markupsafe import escape

from recsys.errors import DataError
from recsys.loop.__main__ import main
from recsys.loop.words import TITLE
from recsys.serve.accounts.operators import NO_OPERATORS, VARIABLE, code_of, operators_in
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.security.cookies import SESSION, SessionCookie
from recsys.store import UnavailableError, open_store
from recsys.ui.operator.cards import STYLES
from recsys.ui.operator.daily import DailyReports, days_of, reports_of
from recsys.ui.operator.door import PATH, OperatorDoor
from recsys.ui.operator.shown import MAKING, OLDER, shown
from recsys.versions.comparison import Days
from tests.loop.worlds import VERSIONS, person, report_on
from tests.support.store_places import CHEAP, PASSWORD, signed_up

ENGINE = SimpleNamespace(
    recommender=SimpleNamespace(artifact=SimpleNamespace(name="vae"), version="0123456789abcdef"),
    number=7,
    versions=None,
)
REPORT = report_on([person(np.random.default_rng(0), VERSIONS[number % 2]) for number in range(60)], VERSIONS[:2])


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "people.sqlite3", config=CHEAP) as store:
        yield store


def entry(store, name, capsys):
    """What the setting takes, as the command prints it."""
    assert main(["operator", name, "--database", store.place]) == 0
    return capsys.readouterr().out.strip()


class Page:
    """An application that knows no path, with the door before it."""

    def __init__(self, store, setting, reports=None):
        self.cookie = SessionCookie(lambda: b"key")
        members = SimpleNamespace(store=store, person=lambda token: token and store.accounts.person_of(token))
        operators = operators_in({VARIABLE: setting}, lambda: store.secret("operators"))
        self.made = []
        reports = reports or DailyReports(lambda now: self.made.append(now) or REPORT)
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_middleware(
            OperatorDoor, shelves=Shelves(members, self.cookie, operators), engine=ENGINE, reports=reports
        )
        self.client = TestClient(app)

    def ask(self, token=None, *, method="GET", path=PATH):
        headers = {} if token is None else {"cookie": f"{SESSION}={self.cookie.value(token)}"}
        return self.client.request(method, path, headers=headers)

    def wait(self, token):
        """The page once its figures are there."""
        for _ in range(500):
            if MAKING not in (answer := self.ask(token)).text:
                return answer
            threading.Event().wait(0.01)
        raise AssertionError("no figures came")


def alike(one, other):
    """Whether two answers are the same, to the last header."""
    return (one.status_code, one.content, one.headers) == (other.status_code, other.content, other.headers)


def token_of(store, name):
    return store.accounts.register(name, PASSWORD, f"address of {name}")


# --- who sees it


def test_an_operator_sees_it_and_nobody_keeps_it(store, capsys):
    token = token_of(store, "Ann")
    page = Page(store, entry(store, "Ann", capsys))
    answer = page.wait(token)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for words in (
        TITLE,
        "vae, 0123456789ab (version 7)",
        "All versions together",
        "Worked out on 1 Jun 2026 at 15:00 UTC",
    ):
        assert words in answer.text
    assert (page.ask(token, method="HEAD").status_code, len(page.made)) == (200, 1)


def test_to_everybody_else_there_is_no_such_path(store, capsys):
    token, other = token_of(store, "Ann"), token_of(store, "Ben")
    page, unset = Page(store, entry(store, "Ann", capsys)), Page(store, "")
    nothing = page.ask(path="/nothing-here")
    assert nothing.status_code == 404
    ended = token_of(store, "Cleo")
    store.accounts.sign_out(ended)
    for asked in (
        page.ask(),
        page.ask(other),
        page.ask("no token of anybody"),
        page.ask(ended),
        page.client.get(PATH, headers={"cookie": f"{SESSION}=made up"}),
        unset.ask(token),
        unset.ask(),
    ):
        assert alike(asked, nothing)
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert alike(page.ask(token, method=method), page.ask(token, method=method, path="/nothing-here"))
    for path in (f"{PATH}/", f"{PATH}/x", "/Operator"):
        assert alike(page.ask(token, path=path), nothing)
    assert page.made == unset.made == []  # nobody of them has made it work


def test_while_the_database_is_away_there_is_no_such_path(store, capsys, monkeypatch):
    token = token_of(store, "Ann")
    page = Page(store, entry(store, "Ann", capsys))

    def away(*_):
        raise UnavailableError("there", "gone", "wait")

    monkeypatch.setattr(store.accounts, "person_of", away)
    assert alike(page.ask(token), page.ask(path="/nothing-here"))


@pytest.mark.parametrize("name", ["ann", "ANN", " Ann ", "\uff21nn"])
def test_a_name_is_compared_as_when_somebody_signs_in(store, capsys, name):
    token = token_of(store, "Ann")
    code = entry(store, name, capsys).partition("#")[2]
    assert Page(store, f"{name}#{code}").ask(token).status_code == 200


def test_who_registers_the_name_of_an_operator_again_is_none(store, capsys):
    token_of(store, "Ann")
    setting = entry(store, "Ann", capsys)
    first = store.accounts.person_of(store.accounts.sign_in("Ann", PASSWORD, "here"))
    store.accounts.delete_account(first, PASSWORD)
    again = token_of(store, "Ann")
    assert Page(store, setting).ask(again).status_code == 404
    assert Page(store, entry(store, "Ann", capsys)).ask(again).status_code == 200


def test_who_has_the_name_and_number_in_another_database_is_none(store, tmp_path, capsys):
    """As where the disk of a page is emptied, and somebody is faster than the operator."""
    token_of(store, "Ann")
    setting = entry(store, "Ann", capsys)
    with open_store(tmp_path / "emptied.sqlite3", config=CHEAP) as emptied:
        token = token_of(emptied, "Ann")
        assert Page(emptied, setting).ask(token).status_code == 404


def test_who_has_the_name_and_number_in_a_database_restored_from_a_backup_is_none(tmp_path, capsys):
    """The key was made before the backup, and the account after it, so that another one has its number by now."""
    place, backup = tmp_path / "people.sqlite3", tmp_path / "backup.sqlite3"
    with open_store(place, config=CHEAP) as store:
        token_of(store, "Ben")
        entry(store, "Ben", capsys)
        store._database.forget_deleted()  # all of it is in the file itself
        shutil.copy(place, backup)
        ann = store.accounts.person_of(token_of(store, "Ann"))
        setting = entry(store, "Ann", capsys)
    with open_store(backup, config=CHEAP) as restored:
        token = token_of(restored, "Ann")
        assert restored.accounts.person_of(token).id == ann.id
        assert Page(restored, setting).ask(token).status_code == 404
        assert Page(restored, entry(restored, "Ann", capsys)).ask(token).status_code == 200


def test_a_code_is_of_a_number_a_moment_and_a_key(store):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    codes = [code_of(1, now, b"k"), code_of(2, now, b"k"), code_of(1, now, b"l")]
    codes += [code_of(1, now + timedelta(microseconds=1), b"k")]
    assert len({*codes}) == 4
    assert code_of(1, now.astimezone(timezone(timedelta(hours=2))), b"k") == codes[0]


def test_the_code_of_one_does_not_make_another_an_operator(store, capsys):
    token, other = token_of(store, "Ann"), token_of(store, "Ben")
    code = entry(store, "Ann", capsys).partition("#")[2]
    page = Page(store, f"Ben#{code}")
    assert [page.ask(each).status_code for each in (token, other)] == [404, 404]


def test_several_are_named_and_names_may_hold_signs(store, capsys):
    names = ["Ann", "B, the #2", "Zoé"]
    tokens = [token_of(store, name) for name in names]
    page = Page(store, " , ".join(entry(store, name, capsys) for name in names).replace(" , ", ", "))
    assert [page.ask(token).status_code for token in tokens] == [200] * 3


@pytest.mark.parametrize(
    "setting", ["Ann", "Ann#17", "Ann#0123456789abcde", "#0123456789abcdef", "Ann#0123456789abcdef;"]
)
def test_a_setting_that_names_nobody_is_refused(setting):
    with pytest.raises(DataError, match=rf"{VARIABLE}: got .*; expected names of accounts with their codes"):
        operators_in({VARIABLE: setting}, lambda: b"")


def test_without_a_setting_nobody_is_asked():
    assert not operators_in({VARIABLE: " "}, lambda: pytest.fail("asked"))
    assert not NO_OPERATORS
    assert not NO_OPERATORS.has(SimpleNamespace(id=1, name="Ann"))


def test_the_command_names_an_account_or_says_that_there_is_none(store, capsys):
    token_of(store, "Ann")
    assert main(["operator", "ann", "--database", store.place]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch(r"Ann#[0-9a-f]{16}\n", out)
    assert "If that was not you, do not use it." in err
    for name in ("Nobody", "", "\0", "x" * 5000):
        assert main(["operator", name, "--database", store.place]) == 2
        assert "there is no account" in capsys.readouterr().err


# --- what it shows, and when it is worked out


class Clock:
    def __init__(self):
        self.moment = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.moment


def settled(reports):
    for _ in range(500):
        if not (today := reports.today()).is_making:
            return today
        threading.Event().wait(0.01)
    raise AssertionError("it is never made")


def test_figures_are_worked_out_once_a_day_however_often_they_are_asked_for():
    clock, made, go = Clock(), [], threading.Event()

    def make(now):
        made.append(now)
        assert go.wait(30)
        return REPORT

    reports = DailyReports(make, clock)
    first = [reports.today() for _ in range(50)]
    assert {(each.report, each.is_making) for each in first} == {(None, True)}
    assert MAKING in shown(first[0], "vae")
    go.set()
    assert settled(reports).report is REPORT
    clock.moment += timedelta(hours=11)
    assert [reports.today().report for _ in range(50)] == [REPORT] * 50
    assert len(made) == 1
    go.clear()
    clock.moment += timedelta(hours=1)  # midnight
    older = [reports.today() for _ in range(50)][-1]
    assert (older.report, older.is_making) == (REPORT, True)
    assert OLDER in shown(older, "vae")
    go.set()
    assert settled(reports).report is REPORT
    assert len(made) == 2
    assert [*reports._made] == [clock.moment.date()]  # the last alone is kept


def test_what_cannot_be_worked_out_is_told_and_tried_again_in_a_while_alone():
    clock, made = Clock(), []

    def make(now):
        made.append(now)
        raise DataError("the disk is full")

    reports = DailyReports(make, clock)
    settled(reports)
    failed = [reports.today() for _ in range(50)]
    assert {each.problem for each in failed} == {"the disk is full"}
    assert "the disk is full" in shown(failed[0], "vae")
    assert len(made) == 1
    clock.moment += timedelta(minutes=2)
    settled(reports)
    assert len(made) == 2


def test_it_is_made_of_what_the_store_has(store):
    ann = signed_up(store, "Ann")
    store.consents.answer(ann, "yes")
    today = settled(reports_of(SimpleNamespace(store=store), ENGINE))
    assert today.problem == ""
    assert today.report.versions == []
    assert "Too few people so far." in shown(today, "vae")


def test_it_asks_the_folder_of_versions_when_two_were_compared(caplog):
    days = {"0123": Days(datetime(2026, 3, 3, tzinfo=UTC), None, True)}
    promoted = SimpleNamespace(compared_when=lambda: days)
    assert days_of(SimpleNamespace(versions=SimpleNamespace(promoted=promoted))) == days
    assert days_of(ENGINE) == {}

    def fail():
        raise DataError("it was altered")

    promoted.compared_when = fail
    assert days_of(SimpleNamespace(versions=SimpleNamespace(promoted=promoted))) == {}
    assert "On which days versions were compared is not known: it was altered" in caplog.text


def test_its_styles_need_no_signs_that_html_knows():
    assert str(escape(STYLES)) == STYLES
